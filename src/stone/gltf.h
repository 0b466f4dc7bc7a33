// A scene as a model that others' programs show: binary glTF 2.0. Pure; any thread.
#pragma once

#include "base/bytes.h"
#include "stone/scene.h"

namespace intaglio::stone {

// One file, without anything outside of it: lengths in metres, one mesh for each surface with its
// facets flat and its edges as lines, the rough translucent. A node above all turns the first
// stone's table upwards (+y); under it places are those of the rough, about its origin. The same
// scene gives the same bytes.
Bytes to_glb(const Scene& scene);

}  // namespace intaglio::stone
