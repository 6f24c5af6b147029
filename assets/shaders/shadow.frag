#version 330 core
// r: cast shadow, lighter the higher its caster; g: closeness to the floor straight below; b: height / 3.2 m. Blended by MAX.
in float height;
uniform float caster;  // opacity of the body
out vec4 fragment;

void main() {
    float h = max(height, 0.0);
    fragment = vec4(exp(-h * 0.55) * caster, exp(-h * 9.0) * caster, height / 3.2 * step(0.99, caster), 1.0);
}
