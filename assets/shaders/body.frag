#version 330 core
// SUIT, GHOST and SILHOUETTE are separate programs, because software GL runs both sides of a branch.
// Matte two-tone suit: key light with soft self-shadow, sky and floor light, a weak light at the eye, and a cool rim.
in vec3 world;
in vec3 world_normal;
in float suit_panel;
in vec4 tint;

uniform vec3 eye;
uniform vec4 eye_direction;   // towards the eye, w = 1, for parallel views; w = 0 for perspective
uniform vec3 light;           // unit, towards the key light
uniform vec3 primary;         // linear
uniform vec3 secondary;
uniform vec3 rim;
uniform float opacity;
uniform vec3 shadow_frame;    // centre x, centre z, half size of the shadow map on the floor, m
uniform vec2 floor_veil;      // side of the eye (1 above the floor, -1 below) and how much the floor hides
uniform sampler2D shadow_map; // b: height / 3.2 m of the highest surface along each light ray

out vec4 fragment;

float key_visibility(vec3 point, vec3 normal) {
    vec3 start = point + normal * 0.030;
    vec2 floor_point = start.xz - light.xz / light.y * start.y;
    vec2 uv = (floor_point - shadow_frame.xy) / shadow_frame.z * 0.5 + 0.5;
    vec2 texel = 1.3 / vec2(textureSize(shadow_map, 0));
    float lit = 0.0;
    for (int y = -1; y <= 1; y += 2)
        for (int x = -1; x <= 1; x += 2) {
            float above = textureLod(shadow_map, uv + texel * vec2(x, y), 0.0).b * 3.2 - start.y;
            lit += 1.0 - smoothstep(0.035, 0.100, above);
        }
    return lit * 0.25;
}

void main() {
#ifdef SILHOUETTE
    fragment = vec4(sqrt(primary) * opacity, opacity);   // one shape, the part under the floor too
#else
    float veil = floor_veil.y * step(world.y * floor_veil.x, -0.001);
    vec3 normal = normalize(world_normal);
    vec3 to_eye = eye_direction.w > 0.5 ? eye_direction.xyz : normalize(eye - world);
    float facing = clamp(abs(dot(normal, to_eye)), 0.0, 1.0);
#ifdef GHOST
    float outline = (1.0 - facing) * (1.0 - 0.5 * facing);
    float cover = opacity * mix(0.22, 1.0, outline);
    vec3 colour = sqrt(primary * (0.55 + 0.22 * normal.y + 0.5 * outline));
    fragment = vec4(colour * cover, cover) * (1.0 - veil);
#else
    float edge = max(fwidth(suit_panel), 1e-4);
    float second = smoothstep(0.5 - edge, 0.5 + edge, suit_panel);
    float seam = 1.0 - smoothstep(0.0, 0.035 + edge, abs(suit_panel - 0.5));
    vec3 albedo = mix(primary, secondary, second) * (1.0 - 0.35 * seam);
    albedo = mix(albedo, tint.rgb, tint.a * 0.72);

    float lit = key_visibility(world, normal);
    float key_angle = dot(normal, light);
    float key = clamp((key_angle + 0.12) / 1.12, 0.0, 1.0) * mix(0.18, 1.0, lit);
    float sky = 0.5 + 0.5 * normal.y;
    // Light that the floor sends back fades upwards; surfaces near the floor that look down stay dark.
    float near_floor = 1.0 - clamp(world.y * 1.6, 0.0, 1.0);
    near_floor *= near_floor;
    float floor_light = (1.0 - sky) * mix(0.9, 0.35, near_floor);
    float crease = mix(1.0, 0.72, near_floor * (1.0 - sky));

    // A second, weaker light from behind keeps forms readable from every side.
    float back = clamp(dot(normal, vec3(-0.485, 0.485, -0.728)), 0.0, 1.0);
    vec3 irradiance = vec3(0.80, 0.88, 1.00) * 0.52 * back
                    + vec3(1.00, 0.955, 0.89) * 1.22 * key
                    + vec3(0.60, 0.68, 0.80) * 0.38 * sky * sky
                    + vec3(0.42, 0.38, 0.35) * 0.22 * floor_light
                    + vec3(0.10) * facing * facing;
    vec3 colour = albedo * irradiance * crease;

    vec3 half_way = normalize(light + to_eye);
    float fresnel = (1.0 - facing) * (1.0 - facing);
    fresnel *= fresnel;
    float gloss = max(dot(normal, half_way), 0.0);
    gloss *= gloss;   // the power 32 by squaring
    gloss *= gloss;
    gloss *= gloss;
    gloss *= gloss;
    gloss *= gloss * 0.075 * lit;
    colour += vec3(gloss);
    colour += rim * fresnel * (0.14 + 0.34 * clamp(normal.y * 0.9 + 0.3, 0.0, 1.0));
    colour = colour / (1.0 + 0.18 * colour);
    fragment = vec4(mix(sqrt(colour), vec3(0.222, 0.230, 0.243), veil) * opacity, opacity);   // colours are encoded as squares: near sRGB, and cheap
#endif
#endif
}
