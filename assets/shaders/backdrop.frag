#version 330 core
// Background: a vertical gradient, or (PICTURE) an image. Noise of half a step hides the banding of dark gradients.
// Two programs, because software GL runs both sides of a branch.
in vec2 uv;
in vec3 gradient;
uniform float opacity;
uniform sampler2D image;
out vec4 fragment;

void main() {
#ifdef PICTURE
    fragment = vec4(textureLod(image, vec2(uv.x, 1.0 - uv.y), 0.0).rgb * opacity, opacity);
#else
    // Interleaved gradient noise (Jimenez 2014).
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    fragment = vec4(gradient + (noise - 0.5) / 255.0, 1.0);
#endif
}
