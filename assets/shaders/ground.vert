#version 330 core
uniform mat4 view_projection;
uniform vec2 centre;    // x, z in m
uniform float half_size;
out vec2 floor_point;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    floor_point = centre + corner * half_size;
    gl_Position = view_projection * vec4(floor_point.x, 0.0, floor_point.y, 1.0);
}
