#version 330 core
// Background: a vertical gradient with a slight vignette, or a picture. Noise of half a step hides banding.
in vec2 uv;
uniform vec3 top;
uniform vec3 bottom;
uniform float picture;   // 1 draws the image
uniform float opacity;
uniform sampler2D image;
out vec4 fragment;

void main() {
    if (picture > 0.5) {
        fragment = vec4(texture(image, vec2(uv.x, 1.0 - uv.y)).rgb * opacity, opacity);
        return;
    }
    vec3 colour = mix(bottom, top, smoothstep(0.0, 1.0, uv.y));
    vec2 centred = uv - vec2(0.5, 0.52);
    colour *= 1.06 - 0.34 * dot(centred, centred);
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    fragment = vec4(colour + (noise - 0.5) / 255.0, 1.0);
}
