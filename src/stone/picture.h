// Pictures of a scene, drawn without a display. Pure; any thread.
#pragma once

#include "base/bytes.h"
#include "stone/scene.h"

namespace intaglio::stone {

inline constexpr std::size_t kPanelWidth = 480;
inline constexpr std::size_t kPanelHeight = 530;

// A PNG of three views side by side, of one scale: onto the table, from the side and obliquely,
// each with its name, and how long a part of a millimetre or some are. 3 * kPanelWidth wide. The
// same scene gives the same bytes.
Bytes draw_sheet(const Scene& scene);

}  // namespace intaglio::stone
