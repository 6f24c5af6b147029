#version 330 core
// Projects a skinned surface along ``direction`` onto the floor; the projection covers shadow_frame.
layout(location = 0) in vec3 position;
layout(location = 2) in uvec4 joints;
layout(location = 3) in vec4 weights;
layout(location = 5) in vec3 offset;

uniform vec4 bones[72];
uniform vec3 direction;     // towards the light
uniform vec3 shadow_frame;  // centre x, centre z, half size

out float height;

void main() {
    vec4 row0 = vec4(0.0), row1 = vec4(0.0), row2 = vec4(0.0);
    for (int i = 0; i < 4; ++i) {
        int joint = int(joints[i]);
        row0 += weights[i] * bones[3 * joint];
        row1 += weights[i] * bones[3 * joint + 1];
        row2 += weights[i] * bones[3 * joint + 2];
    }
    vec4 rest = vec4(position + offset, 1.0);
    vec3 world = vec3(dot(row0, rest), dot(row1, rest), dot(row2, rest));
    height = world.y;
    vec2 floor_point = world.xz - direction.xz / direction.y * world.y;
    gl_Position = vec4((floor_point - shadow_frame.xy) / shadow_frame.z, 0.0, 1.0);
}
