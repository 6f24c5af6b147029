#version 330 core
// One rectangle of the screen from the vertex number; rectangle = left, bottom, right, top in clip space.
uniform vec4 rectangle;
uniform vec3 top;
uniform vec3 bottom;
out vec2 uv;
out vec3 gradient;

void main() {
    uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gradient = mix(bottom, top, uv.y);
    gl_Position = vec4(mix(rectangle.xy, rectangle.zw, uv), 0.0, 1.0);
}
