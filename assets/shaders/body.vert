#version 330 core
// Linear-blend skinning: each vertex is moved by the weighted sum of up to four joint transforms.
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in uvec4 joints;
layout(location = 3) in vec4 weights;
layout(location = 4) in float panel;
layout(location = 5) in vec3 offset;

uniform vec4 bones[72];   // three rows of each of the 24 rest-to-posed transforms
uniform vec4 tints[24];   // linear colour and strength of each joint
uniform mat4 view_projection;

out vec3 world;
out vec3 world_normal;
out float suit_panel;
out vec4 tint;

void main() {
    vec4 row0 = vec4(0.0), row1 = vec4(0.0), row2 = vec4(0.0);
    vec3 colour = vec3(0.0);
    float strength = 0.0;
    for (int i = 0; i < 4; ++i) {
        int joint = int(joints[i]);
        float weight = weights[i];
        row0 += weight * bones[3 * joint];
        row1 += weight * bones[3 * joint + 1];
        row2 += weight * bones[3 * joint + 2];
        vec4 joint_tint = tints[joint];
        colour += weight * joint_tint.a * joint_tint.rgb;
        strength += weight * joint_tint.a;
    }
    vec4 rest = vec4(position + offset, 1.0);
    world = vec3(dot(row0, rest), dot(row1, rest), dot(row2, rest));
    world_normal = vec3(dot(row0.xyz, normal), dot(row1.xyz, normal), dot(row2.xyz, normal));
    suit_panel = panel;
    tint = vec4(strength > 1e-4 ? colour / strength : vec3(0.0), strength);
    gl_Position = view_projection * vec4(world, 1.0);
}
