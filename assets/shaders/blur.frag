#version 330 core
// One direction of a separable Gaussian; r and g have their own widths.
in vec2 uv;
uniform sampler2D source;
uniform vec2 step_wide;    // one tap for r, in texture coordinates
uniform vec2 step_narrow;  // one tap for g
out vec4 fragment;

const float weights[5] = float[](0.2042, 0.1802, 0.1238, 0.0663, 0.0276);

void main() {
    vec2 total = weights[0] * texture(source, uv).rg;
    for (int i = 1; i < 5; ++i) {
        total.r += weights[i] * (texture(source, uv + float(i) * step_wide).r + texture(source, uv - float(i) * step_wide).r);
        total.g += weights[i] * (texture(source, uv + float(i) * step_narrow).g + texture(source, uv - float(i) * step_narrow).g);
    }
    fragment = vec4(total, 0.0, 1.0);
}
