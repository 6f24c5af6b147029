#version 330 core
// Background: a vertical gradient, or a picture. Noise of half a step hides the banding of dark gradients.
in vec2 uv;
in vec3 gradient;
uniform float picture;   // 1 draws the image
uniform float opacity;
uniform sampler2D image;
out vec4 fragment;

void main() {
    if (picture > 0.5) {
        fragment = vec4(textureLod(image, vec2(uv.x, 1.0 - uv.y), 0.0).rgb * opacity, opacity);
        return;
    }
    // Interleaved gradient noise (Jimenez 2014).
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    fragment = vec4(gradient + (noise - 0.5) / 255.0, 1.0);
}
