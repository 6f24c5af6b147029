#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 colour;
uniform mat4 view_projection;
uniform vec2 size;
uniform float width;    // diameter, pixels
out vec2 offset;        // pixels from the middle
out vec4 point_colour;

void main() {
    vec4 clip = view_projection * vec4(position, 1.0);
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    offset = corner * (width * 0.5 + 1.0);
    point_colour = colour;
    gl_Position = clip.w > 0.0 ? vec4(clip.xy + offset / (size * 0.5) * clip.w, clip.zw) : vec4(2.0, 2.0, 2.0, 1.0);
}
