// A plan as pages: the report that a trader hands on, and the one that turns the stone. Each is one
// HTML file that loads nothing. Pure functions; any thread.
#pragma once

#include "base/env.h"
#include "stone/scene.h"
#include "stone/verifier.h"

namespace intaglio::cli {

// A plan with what is to be seen of it. The plan and its rough outlive it.
struct DrawnPlan {
  const stone::Plan& plan;
  const stone::Solid& rough;
  std::vector<stone::PlacedStone> stones;
  stone::Scene scene;
};

// As stones_of and make_scene refuse; `other_inputs` as well for other inclusions.
Result<DrawnPlan> drawn_plan(const stone::Plan& plan, ByteView proof, const stone::Solid& rough,
                             const std::vector<stone::Inclusion>& inclusions);

// For a plan that was verified; `picture` is its sheet, a PNG.
std::string report_html(const DrawnPlan& drawn, ByteView picture);
std::string viewer_html(const DrawnPlan& drawn, ByteView picture);

}  // namespace intaglio::cli
