#version 330 core
in vec2 along;
in float length_px;
in vec4 line_colour;
uniform float width;
out vec4 fragment;

void main() {
    float beyond = max(max(-along.x, along.x - length_px), 0.0);
    float away = length(vec2(beyond, along.y));
    float cover = clamp(width * 0.5 + 0.5 - away, 0.0, 1.0) * line_colour.a;
    if (cover <= 0.003) discard;
    fragment = vec4(line_colour.rgb * cover, cover);
}
