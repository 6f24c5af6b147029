#version 330 core
// One segment is one instance: a rectangle on screen around it, one pixel wider than the line for its smooth edge.
layout(location = 0) in vec3 start;
layout(location = 1) in vec3 end;
layout(location = 2) in vec4 colour;
uniform mat4 view_projection;
uniform vec2 size;      // of the picture, pixels
uniform float width;    // pixels
out vec2 along;         // pixels: position along and across the line
out float length_px;
out vec4 line_colour;

void main() {
    vec4 a = view_projection * vec4(start, 1.0);
    vec4 b = view_projection * vec4(end, 1.0);
    // Cut at the near plane, where z = -w, so that both ends have a place on screen.
    float da = a.z + a.w, db = b.z + b.w;
    line_colour = colour;
    if (da <= 0.0 && db <= 0.0) {
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
        return;
    }
    if (da < 0.0) a = mix(a, b, da / (da - db) + 1e-6);
    if (db < 0.0) b = mix(b, a, db / (db - da) + 1e-6);
    vec2 pa = a.xy / a.w * size * 0.5, pb = b.xy / b.w * size * 0.5;
    vec2 direction = pb - pa;
    length_px = length(direction);
    direction = length_px > 1e-4 ? direction / length_px : vec2(1.0, 0.0);
    float radius = width * 0.5 + 1.0;
    bool at_end = (gl_VertexID & 1) == 1;
    float side = (gl_VertexID >> 1) == 1 ? radius : -radius;
    along = vec2(at_end ? length_px + radius : -radius, side);
    vec2 place = (at_end ? pb : pa) + direction * (at_end ? radius : -radius) + vec2(-direction.y, direction.x) * side;
    vec4 base = at_end ? b : a;
    gl_Position = vec4(place / (size * 0.5) * base.w, base.z, base.w);
}
