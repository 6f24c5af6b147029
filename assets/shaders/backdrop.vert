#version 330 core
// One rectangle of the screen from the vertex number; rectangle = left, bottom, right, top in clip space.
uniform vec4 rectangle;
uniform float depth;
out vec2 uv;

void main() {
    uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(mix(rectangle.xy, rectangle.zw, uv), depth, 1.0);
}
