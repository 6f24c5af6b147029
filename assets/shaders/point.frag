#version 330 core
in vec2 offset;
in vec4 point_colour;
uniform float width;
out vec4 fragment;

void main() {
    float away = length(offset);
    float cover = clamp(width * 0.5 + 0.5 - away, 0.0, 1.0) * point_colour.a;
    if (cover <= 0.003) discard;
    // A darker rim keeps dots readable on bright surfaces.
    vec3 colour = point_colour.rgb * mix(1.0, 0.45, smoothstep(width * 0.5 - 2.0, width * 0.5 - 0.5, away));
    fragment = vec4(colour * cover, cover);
}
