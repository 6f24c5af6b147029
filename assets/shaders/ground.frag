#version 330 core
// Floor: a pool of light, metre and decimetre lines that stay one pixel wide, coloured axes. With SHADOW: the shadow,
// a second and smaller rectangle, so that only its pixels read the map.
in vec2 floor_point;
uniform vec2 centre;
uniform float reach;
uniform float grid;
uniform float fill;
uniform float thickness;    // device pixels a logical pixel
uniform float from_below;   // 1 when the eye is under the floor
uniform float shadow;
uniform float half_size;
uniform sampler2D shadow_blurred;
out vec4 fragment;

float lines(vec2 point, vec2 pixel, float spacing, float width) {
    vec2 cell = pixel / spacing;
    vec2 distance_px = (0.5 - abs(fract(point / spacing) - 0.5)) / cell;
    vec2 cover = clamp(width * 0.5 + 0.5 - distance_px, 0.0, 1.0);
    cover *= clamp(1.35 - 3.0 * cell, 0.0, 1.0);   // fade before lines run into each other
    return max(cover.x, cover.y);
}

#ifdef SHADOW
void main() {
    vec2 dark = textureLod(shadow_blurred, (floor_point - centre) / half_size * 0.5 + 0.5, 0.0).rg;
    float shade = 1.0 - (1.0 - 0.78 * dark.r) * (1.0 - 0.80 * dark.g);
    fragment = vec4(0.0, 0.0, 0.0, clamp(shade * shadow, 0.0, 1.0));
}
#else
void main() {
    vec2 pixel = max(fwidth(floor_point), vec2(1e-6));
    vec2 from_centre = (floor_point - centre) / reach;
    float away2 = dot(from_centre, from_centre);
    float fade = clamp(1.0 - away2, 0.0, 1.0);
    fade *= fade;
    fade *= fade;
    vec4 result = vec4(0.0);   // premultiplied

    float pool = fill * fade / (1.0 + 7.0 * away2) * (1.0 - 0.7 * from_below);
    result = vec4(vec3(0.235, 0.243, 0.258) * pool, pool) * 0.85;

    float metre = lines(floor_point, pixel, 1.0, 1.25 * thickness) * 0.42;
    float fine = lines(floor_point, pixel, 0.1, thickness) * 0.10 * clamp(1.2 - 9.0 * away2, 0.0, 1.0);
    float cover = max(metre, fine) * grid * fade;
    result = result * (1.0 - cover) + vec4(vec3(0.52, 0.545, 0.58), 1.0) * cover;

    vec2 axis_px = abs(floor_point) / pixel;
    float axis_fade = grid * fade * 0.85;
    float x_axis = clamp(0.5 + thickness - axis_px.y, 0.0, 1.0) * axis_fade;
    float z_axis = clamp(0.5 + thickness - axis_px.x, 0.0, 1.0) * axis_fade;
    result = result * (1.0 - x_axis) + vec4(vec3(0.78, 0.30, 0.32), 1.0) * x_axis;
    result = result * (1.0 - z_axis) + vec4(vec3(0.32, 0.50, 0.86), 1.0) * z_axis;
    fragment = result;
}
#endif
