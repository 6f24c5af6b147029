#version 330 core
// One direction of a separable blur: nine taps by five filtered fetches. r is wide; g uses the inner taps only.
in vec2 uv;
uniform sampler2D source;
uniform vec2 tap;    // distance between taps, in texture coordinates
out vec4 fragment;

void main() {
    vec2 total = vec2(0.227027, 0.42) * textureLod(source, uv, 0.0).rg;
    vec2 inner = textureLod(source, uv + 1.3846 * tap, 0.0).rg + textureLod(source, uv - 1.3846 * tap, 0.0).rg;
    float outer = textureLod(source, uv + 3.2308 * tap, 0.0).r + textureLod(source, uv - 3.2308 * tap, 0.0).r;
    total += vec2(0.316216, 0.29) * inner;
    total.r += 0.070270 * outer;
    fragment = vec4(total, 0.0, 1.0);
}
