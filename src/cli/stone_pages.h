// A plan as pages: the report that a trader hands on, and the one that turns the stone. Each is one
// HTML file that loads nothing. Pure functions; any thread.
#pragma once

#include "base/env.h"
#include "stone/saw.h"
#include "stone/scene.h"

namespace intaglio::cli {

// A plan with what is to be seen of it. The plan and its rough outlive it.
struct DrawnPlan {
  const stone::Plan& plan;
  const stone::Solid& rough;
  std::vector<stone::PlacedStone> stones;
  stone::Scene scene;
  std::string options;  // by which the inclusions are told to the command that verifies
};

// As stones_of and make_scene refuse; `other_inputs` as well for other inclusions.
Result<DrawnPlan> drawn_plan(const stone::Plan& plan, ByteView proof, const stone::Solid& rough,
                             const std::vector<stone::Inclusion>& inclusions);

// The mesh of the plan's stone in the scan's own place, in millimetres; it has one.
Result<Bytes> stone_mesh(const stone::Plan& plan, ByteView proof, const stone::Solid& rough);

// A sawing with what is to be seen of it: the stones of its plans, and the cuts. The sawing and its
// rough outlive it.
struct DrawnSawing {
  const stone::Sawing& sawing;
  const stone::Solid& rough;
  std::vector<stone::Plan> plans;  // those that it names
  stone::Scene scene;
  std::string options;
};
// `other_inputs` as well where the proof lacks a plan that the sawing names.
Result<DrawnSawing> drawn_sawing(const stone::Sawing& sawing, ByteView proof,
                                 const stone::Solid& rough,
                                 const std::vector<stone::Inclusion>& inclusions);
std::string saw_report_html(const DrawnSawing& drawn, ByteView picture);

// For a plan that was verified; `picture` is its sheet, a PNG.
std::string report_html(const DrawnPlan& drawn, ByteView picture);
std::string viewer_html(const DrawnPlan& drawn, ByteView picture);

}  // namespace intaglio::cli
