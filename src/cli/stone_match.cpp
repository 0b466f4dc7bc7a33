// stone fingerprint, match, find, polished: which stone a scan is of.
#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "base/env.h"
#include "cli/amounts.h"
#include "cli/stone.h"
#include "stone/fingerprint.h"
#include "stone/polished.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;
constexpr unsigned kSecretMode = 0600;

std::string micrometres_text(std::uint32_t nanometres) {
  return format("{:.1f} um", nanometres / 1e3);
}

std::string percent_text(std::uint32_t millionths) { return format("{:.3f} %", millionths / 1e4); }

Option tolerance_option() {
  return {OptionKind::value, "tolerance", "UM",
          "micrometres that two scans of one stone may be apart in the mean; default 20"};
}

Result<std::uint32_t> tolerance_argument(const Arguments& arguments) {
  if (!arguments.has("tolerance")) return stone::kUsualTolerance;
  ASSIGN(const auto tolerance, micrometres_argument(arguments, "tolerance"));
  if (tolerance == 0) return refuse(Verdict::bad_usage, "--tolerance 0");
  return tolerance;
}

Result<void> stone_fingerprint(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto gravity, gravity_argument(arguments));
  ASSIGN(const auto tolerance, tolerance_argument(arguments));
  ASSIGN(const auto solid, read_scan(arguments, "SCAN", env));
  stone::FingerprintTerms terms{gravity, tolerance, {}, env.random_id<stone::DescriptorSalt>()};
  if (arguments.has("device")) terms.device = arguments.text("device");
  ASSIGN(const auto fingerprint, stone::fingerprint_of(solid, terms));
  const auto file = stone::encode_fingerprint(fingerprint);
  // What would not be read again is not written: a device's name may be too long.
  TRY(stone::decode_fingerprint(file));
  if (arguments.has("out")) TRY(env.write_file(arguments.text("out"), file, kSecretMode));
  if (arguments.has("closed")) {
    const auto closed = stone::encode_fingerprint(stone::closed(fingerprint));
    TRY(env.write_file(arguments.text("closed"), closed, kFileMode));
  }
  output.say("mesh       {}", codec::to_hex(fingerprint.mesh));
  output.say("weight     {}; {:.6f} mm3", weight_text(fingerprint.weight),
             static_cast<double>(fingerprint.volume) / 1e9);
  std::string powers;
  for (const std::uint64_t power : *fingerprint.power) {
    powers += format(" {:.6f}", static_cast<double>(power) / 1e9);
  }
  output.say("descriptor{}", powers);
  output.say("commitment {}", codec::to_hex(fingerprint.commitment));
  output.result(codec::record_to_json(fingerprint));
  return {};
}

std::string_view words_of(stone::MatchReason reason) {
  switch (reason) {
    case stone::MatchReason::same_body: return "they differ by no more than the tolerance";
    case stone::MatchReason::other_body: return "no pose was found in which they agree";
    case stone::MatchReason::tolerance_too_wide:
      return "they agree, but with this tolerance so would other stones of this size";
    case stone::MatchReason::too_coarse: return "their triangles are too coarse for this tolerance";
    case stone::MatchReason::first_within_second:
      return "the first lies within the second, and may be it after a piece was taken off";
    case stone::MatchReason::second_within_first:
      return "the second lies within the first, and may be it after a piece was taken off";
    case stone::MatchReason::too_much_taken_off:
      return "one may have been cut from the other, and their surfaces cannot tell";
  }
  return "";
}

std::string answer_text(stone::MatchAnswer answer) {
  std::string text(codec::enum_name(answer));
  std::ranges::replace(text, '_', ' ');
  return text;
}

void say_match(Output& output, const stone::MatchResult& match) {
  output.say("mismatch   {} of the volume, {} of the hulls; one stone has up to {}",
             percent_text(match.mismatch), percent_text(match.hull_mismatch),
             percent_text(match.mismatch_limit));
  output.say("apart      {} in the mean: the first alone {}, the second alone {}",
             micrometres_text(match.first_alone + match.second_alone),
             micrometres_text(match.first_alone), micrometres_text(match.second_alone));
  output.say("stands out the first by up to {}, the second by up to {}",
             micrometres_text(match.first_out), micrometres_text(match.second_out));
}

std::uint64_t thousandths(double value) {
  return static_cast<std::uint64_t>(std::llround(std::min(value, 1e9) * 1000));
}

Json match_json(const stone::MatchResult& match) {
  return Json::object({{"answer", codec::enum_name(match.answer)},
                       {"reason", codec::enum_name(match.reason)},
                       {"mismatch", match.mismatch},
                       {"mismatch_limit", match.mismatch_limit},
                       {"hull_mismatch", match.hull_mismatch},
                       {"first_alone", match.first_alone},
                       {"second_alone", match.second_alone},
                       {"first_out", match.first_out},
                       {"second_out", match.second_out},
                       {"first_clearly_out", match.first_clearly_out},
                       {"second_clearly_out", match.second_clearly_out},
                       {"alike", match.alike},
                       {"pose", codec::FieldType<stone::FixedPose>::to_json(match.pose)}});
}

Result<void> stone_match(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto gravity, gravity_argument(arguments));
  ASSIGN(const auto tolerance, tolerance_argument(arguments));
  ASSIGN(const auto first, read_scan(arguments, "FIRST", env));
  ASSIGN(const auto second, read_scan(arguments, "SECOND", env));
  ASSIGN(const auto match, stone::match_scans(first, second, tolerance));
  const auto weight = [&](const stone::Solid& solid) {
    return stone::weight_of(stone::volume_six(solid.corners, solid.triangles), gravity);
  };
  output.say("{}: {}", answer_text(match.answer), words_of(match.reason));
  output.say("weights    {} and {}", weight_text(weight(first)), weight_text(weight(second)));
  say_match(output, match);
  output.say("descriptor {:.1f} standard deviations of a repeated scan apart",
             match.descriptors_apart);
  if (match.alike > 0) {
    output.say("alike      {} other poses are as good: other stones of this form would match, too",
               match.alike);
  }
  Json out = match_json(match);
  out.set("descriptors_apart", thousandths(match.descriptors_apart));
  out.set("first_weight", weight(first).value());
  out.set("second_weight", weight(second).value());
  output.result(out);
  return {};
}

// A scan of a folder, as near as its descriptor is.
struct FoundScan {
  std::string name;
  double distance = 0;
  stone::Solid solid;
};

// Of so many scans the nearest by descriptor, the nearest first; what cannot be read is named and
// left out. Each is read once.
Result<std::vector<FoundScan>> nearest(const std::string& folder,
                                       const stone::Descriptor& descriptor, std::size_t most,
                                       stone::Unit unit, Env& env, Output& output) {
  ASSIGN(const auto names, scans_in(folder));
  std::vector<FoundScan> out;
  for (const std::string& name : names) {
    auto solid = read_solid(folder + '/' + name, unit, env);
    if (!solid) {
      output.say("left out   {}: {}", name, to_string(solid.error()));
      continue;
    }
    const auto other = stone::descriptor_of(*solid);
    if (!other) {
      output.say("left out   {}: {}", name, to_string(other.error()));
      continue;
    }
    // Names ascend, so that of two as near the first by name stands first.
    const double distance = stone::distance_between(descriptor, *other);
    const auto at = std::ranges::upper_bound(out, distance, {}, &FoundScan::distance);
    out.insert(at, FoundScan{name, distance, *std::move(solid)});
    if (out.size() > most) out.pop_back();
  }
  return out;
}

Result<void> stone_find(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto tolerance, tolerance_argument(arguments));
  ASSIGN(const auto unit, stone::unit_from_text(arguments.text_or("unit", "mm")));
  ASSIGN(const auto most, arguments.number_or("most", 3, 10'000));
  ASSIGN(const auto scan, read_scan(arguments, "SCAN", env));
  ASSIGN(const auto wanted, stone::ComparedScan::from(scan));
  ASSIGN(const auto found,
         nearest(arguments.text("FOLDER"), wanted.descriptor, most, unit, env, output));
  Json out = Json::array();
  for (const FoundScan& one : found) {
    ASSIGN(const auto other, stone::ComparedScan::from(one.solid));
    ASSIGN(const auto match, stone::match_scans(wanted, other, tolerance));
    output.say("{:<24} {}: {}", one.name, answer_text(match.answer), words_of(match.reason));
    output.say("{:<24} mismatch {} of up to {}; descriptor {:.1f} deviations apart", "",
               percent_text(match.mismatch), percent_text(match.mismatch_limit), one.distance);
    Json row = match_json(match);
    row.set("scan", one.name);
    row.set("descriptors_apart", thousandths(one.distance));
    out.push(std::move(row));
  }
  output.result(out);
  return {};
}

std::string_view words_of(stone::PolishedReason reason) {
  switch (reason) {
    case stone::PolishedReason::as_planned: return "it lies in the rough, and is the planned stone";
    case stone::PolishedReason::not_as_planned:
      return "it lies in the rough where the stone was planned, but is not that stone";
    case stone::PolishedReason::elsewhere:
      return "it lies in the rough, but not where the stone was planned";
    case stone::PolishedReason::nowhere:
      return "it is proven to be too large for the rough's hull in every pose";
    case stone::PolishedReason::no_pose_found:
      return "it stands out of the rough wherever it was laid, which proves nothing";
  }
  return "";
}

Json polished_json(const stone::PolishedMatch& match) {
  Json at = Json::array();
  for (const std::int64_t part : match.protrudes_at) at.push(part);
  Json out = Json::object({{"answer", codec::enum_name(match.answer)},
                           {"reason", codec::enum_name(match.reason)},
                           {"protrusion", match.protrusion},
                           {"clearance", match.clearance},
                           {"protrudes_at", at},
                           {"outside", match.outside.value()},
                           {"is_proven_inside", match.is_proven_inside},
                           {"pose", codec::FieldType<stone::FixedPose>::to_json(match.pose)},
                           {"planned", match_json(match.planned)}});
  if (match.size_bound) out.set("size_bound", *match.size_bound);
  return out;
}

Result<void> stone_polished(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  stone::PolishedTerms terms;
  ASSIGN(terms.tolerance, tolerance_argument(arguments));
  ASSIGN(terms.limits.cells, arguments.number_or("cells", terms.limits.cells, 20'000'000));
  ASSIGN(const auto read, read_proven(arguments, env));
  ASSIGN(const auto scan, read_scan(arguments, "SCAN", env));
  ASSIGN(const auto match, stone::match_polished(read.plan, read.proof, read.rough, scan, terms));
  output.say("{}: {}", answer_text(match.answer), words_of(match.reason));
  if (match.protrusion > 0) {
    const stone::Vec3 at{static_cast<double>(match.protrudes_at[0]),
                         static_cast<double>(match.protrudes_at[1]),
                         static_cast<double>(match.protrudes_at[2])};
    output.say("protrusion {} out of the rough, most at {} of the scan; {} lie outside",
               micrometres_text(match.protrusion), stone::place_text(at),
               amount_text(Amount(match.outside.value()), 6) + " ct");
  } else {
    output.say("clearance  {} to the rough's surface where it is nearest",
               micrometres_text(match.clearance));
  }
  if (match.is_proven_inside) {
    output.line(
        "proven     the planned stone is clear of the rough by more than the scan stands out of "
        "it");
  }
  if (match.size_bound) {
    output.say("bound      no similar stone in the rough's hull is larger than {} of its size",
               percent_text(*match.size_bound));
  }
  output.say("planned    beside the planned stone: {}, {}", answer_text(match.planned.answer),
             words_of(match.planned.reason));
  say_match(output, match.planned);
  output.result(polished_json(match));
  return {};
}

}  // namespace

std::vector<Command> stone_match_commands() {
  return {
      {"stone fingerprint",
       "what a scanned stone is known by: its mesh's hash, weight and descriptor",
       "The descriptor is that of the body, whatever its pose and its triangles are; it finds "
       "candidates, and `stone match` decides. A closed fingerprint has a commitment in its place, "
       "and may be given to anybody.",
       joined({{{OptionKind::positional, "SCAN", "SCAN", "a closed mesh: STL, PLY or OBJ", true},
                unit_option()},
               material_options(),
               {tolerance_option(),
                {OptionKind::value, "device", "NAME", "what scanned it"},
                {OptionKind::value, "out", "FILE", "write it with descriptor and salt"},
                {OptionKind::value, "closed", "FILE", "write it without them"}}}),
       {"intaglio stone fingerprint rough.stl --out rough.fingerprint --closed rough.closed"},
       stone_fingerprint},
      {"stone match",
       "whether two scans are of one stone: matched, not matched or not comparable",
       "Lays the second scan on the first, turned but never mirrored, and compares what only one "
       "of them fills. Anywhere they may be apart five times the tolerance. The answer is no "
       "failure: the exit code is 0 for each, and --json has it as `answer`.",
       joined({{{OptionKind::positional, "FIRST", "FIRST", "a closed mesh", true},
                {OptionKind::positional, "SECOND", "SECOND", "another", true},
                unit_option()},
               material_options(),
               {tolerance_option()}}),
       {"intaglio stone match mine.stl factory.ply --tolerance 15"},
       stone_match},
      {"stone find",
       "find a scanned stone among the scans of a folder",
       "Those whose descriptors are nearest are compared as `stone match` does, the nearest first. "
       "A scan that cannot be read is named and left out.",
       {{OptionKind::positional, "SCAN", "SCAN", "a closed mesh", true},
        {OptionKind::positional, "FOLDER", "FOLDER", "with scans", true},
        unit_option(),
        tolerance_option(),
        {OptionKind::value, "most", "N", "that are compared; default 3"}},
       {"intaglio stone find mine.stl lot7"},
       stone_find},
      {"stone polished",
       "whether a polished stone was cut from a rough, as planned or otherwise",
       "The scan is laid on the planned stone, and must not stand out of the rough by more than "
       "the tolerance. Where it does, all of the rough is searched: a stone that is proven to be "
       "too large for it is not matched. As with `stone match`, the exit code is 0 for each "
       "answer.",
       joined({plan_files(),
               {{OptionKind::positional, "SCAN", "SCAN", "a closed mesh of the stone", true},
                tolerance_option(),
                {OptionKind::value, "cells", "N", "of the search, at most; default 20000"}}}),
       {"intaglio stone polished plan.cbor plan.proof rough.stl polished.stl --tolerance 15"},
       stone_polished},
  };
}

}  // namespace intaglio::cli
