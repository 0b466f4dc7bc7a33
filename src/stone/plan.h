// A plan: the stone that was found in a rough, and what is proven about all others. A frozen
// document in whole numbers; docs/reference/formats.md, "Plans". Pure functions; any thread.
#pragma once

#include "codec/record.h"
#include "stone/design_range.h"
#include "stone/proof.h"

namespace intaglio::codec {

// Four parts of a quaternion, three of the place, the size.
template <>
struct FieldType<stone::FixedPose> {
  static constexpr std::string_view kName = "pose";
  static void write(CborWriter& out, const stone::FixedPose& pose);
  static Result<stone::FixedPose> read(CborReader& in);
  static Json to_json(const stone::FixedPose& pose);
  static Result<stone::FixedPose> from_json(const Json& json);
};

// Its three parts.
template <>
struct FieldType<stone::GridDirection> {
  static constexpr std::string_view kName = "direction";
  static void write(CborWriter& out, const stone::GridDirection& direction);
  static Result<stone::GridDirection> read(CborReader& in);
  static Json to_json(const stone::GridDirection& direction);
  static Result<stone::GridDirection> from_json(const Json& json);
};

// Three parts of the direction, the offset.
template <>
struct FieldType<stone::Layer> {
  static constexpr std::string_view kName = "layer";
  static void write(CborWriter& out, const stone::Layer& layer);
  static Result<stone::Layer> read(CborReader& in);
  static Json to_json(const stone::Layer& layer);
  static Result<stone::Layer> from_json(const Json& json);
};

}  // namespace intaglio::codec

namespace intaglio::stone {

inline constexpr std::size_t kMaxPlan = 4 * 1024 * 1024;

// A design that was tried, at one clarity, and what no stone of it can be more than.
struct PlanDesign {
  std::string name;
  std::string shape;
  std::optional<std::string> cut_grade;
  Digest hash;
  std::uint64_t size_bound = 0;
  MicroCarats weight_bound;
  Amount value_bound;
  std::optional<std::string> clarity;
  std::optional<DesignRange> range;
  bool operator==(const PlanDesign&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "name", &PlanDesign::name, "family and proportions, or a file's title"),
        field(2, "shape", &PlanDesign::shape, "as the price list calls it"),
        field(3, "cut_grade", &PlanDesign::cut_grade, "an estimate by the proportions"),
        field(4, "hash", &PlanDesign::hash, "of the design's corners"),
        field(5, "size_bound", &PlanDesign::size_bound,
              "picometres to the furthest corner; no stone of the design is larger"),
        field(6, "weight_bound", &PlanDesign::weight_bound, "millionths of a carat"),
        field(7, "value_bound", &PlanDesign::value_bound, "minor units"),
        field(8, "clarity", &PlanDesign::clarity,
              "of its stones, which avoid every inclusion that would be worse; in a plan with "
              "inclusions"),
        field(9, "range", &PlanDesign::range,
              "it stands for all members of a family with proportions in a range: the corners are "
              "those of their core, the size bound is the core's, the others are any member's"));
  }
};

struct PlanStone {
  std::uint32_t design = 0;
  FixedPose pose;
  MicroCarats weight;
  Amount value;
  std::vector<std::string> holds;
  bool operator==(const PlanStone&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(field(1, "design", &PlanStone::design, "its place in the list of designs"),
                      field(2, "pose", &PlanStone::pose,
                            "quaternion in 2^-30, origin in nanometres, size in picometres"),
                      field(3, "weight", &PlanStone::weight, "millionths of a carat, rounded down"),
                      field(4, "value", &PlanStone::value, "minor units, rounded down"),
                      field(5, "holds", &PlanStone::holds, "inclusions, by name"));
  }
};

// What the stone is worth if it comes out better than it is planned at: where colour or clarity are
// not known but between two grades.
struct PlanHope {
  std::string colour;
  std::string clarity;
  Amount value;
  bool operator==(const PlanHope&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "colour", &PlanHope::colour, "the best that it may have"),
        field(2, "clarity", &PlanHope::clarity, "the best that it may have with what it holds"),
        field(3, "value", &PlanHope::value, "minor units, rounded down"));
  }
};

struct Plan {
  Digest rough;
  MicroCarats rough_weight;
  SpecificGravity gravity;
  std::uint32_t allowance = 0;
  bool is_convex = false;
  std::optional<Digest> prices;
  std::optional<std::string> currency;
  bool is_sample = false;
  std::optional<std::string> colour;
  std::optional<std::string> clarity;
  std::vector<PlanDesign> designs;
  std::optional<PlanStone> stone;
  Amount bound;
  std::uint64_t cells = 0;
  std::uint32_t gap_limit = 0;
  Digest proof;
  std::optional<Digest> inclusions;
  std::vector<Layer> layers;
  MicroCarats least;
  std::optional<PlanHope> hope;
  std::optional<std::vector<DesignRange>> within;
  std::optional<std::uint32_t> dents;
  std::optional<AxisLimit> axis;
  std::optional<std::string> origin;
  bool operator==(const Plan&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "rough", &Plan::rough, "hash of the mesh"),
        field(2, "rough_weight", &Plan::rough_weight, "millionths of a carat"),
        field(3, "gravity", &Plan::gravity, "g/cm3 in thousandths"),
        field(4, "allowance", &Plan::allowance, "nanometres kept between stone and surface"),
        field(5, "is_convex", &Plan::is_convex, "else the bounds are those of the rough's hull"),
        field(6, "prices", &Plan::prices, "hash of the price list; without one value is weight"),
        field(7, "currency", &Plan::currency, "of the price list"),
        field(8, "is_sample", &Plan::is_sample, "the prices are made up"),
        field(9, "colour", &Plan::colour, "that the stones are priced at"),
        field(10, "clarity", &Plan::clarity, "of a stone that holds no inclusion"),
        field(11, "designs", &Plan::designs, "all that were tried"),
        field(12, "stone", &Plan::stone, "the best that was found"),
        field(13, "bound", &Plan::bound, "no stone of any of the designs is worth more"),
        field(14, "cells", &Plan::cells, "as a limit, gives this very plan again"),
        field(15, "gap_limit", &Plan::gap_limit, "in millionths, that the search was to reach"),
        field(16, "proof", &Plan::proof, "hash of the proof's bytes"),
        field(17, "inclusions", &Plan::inclusions, "hash of the inclusions"),
        field(18, "layers", &Plan::layers,
              "planes that the stone lies below, as all that were tried do: direction in 2^-30, "
              "offset in nanometres"),
        field(19, "least", &Plan::least, "stones that weigh less count as worth nothing"),
        field(20, "hope", &Plan::hope, "of the stone, where its grades are ranges"),
        field(21, "within", &Plan::within,
              "families of which all members with these proportions were tried, by ranges that "
              "cover them"),
        field(22, "dents", &Plan::dents,
              "corners of the surface inside of the hull that bounds take into account, too"),
        field(23, "axis", &Plan::axis, "where the stone's table looks, as all that were tried do"),
        field(24, "origin", &Plan::origin, "that stones are priced at; natural without"));
  }
};

// What a plan is made for, besides rough and designs.
struct PlanTerms {
  SpecificGravity gravity;
  // Empty: the most weight is wanted, of a stone of that clarity or better.
  const PriceList* prices = nullptr;
  std::string colour;
  std::string clarity;  // of a stone that holds no inclusion
  MicroCarats least;    // no lighter stone is wanted
  // The best that colour and clarity may turn out to be; empty: as above. Stones are planned, and
  // bounds proven, at the grades above.
  std::string best_colour;
  std::string best_clarity;
  std::vector<DesignRange> within = {};  // families whose proportions the plan is to choose
  std::string origin = {};               // as the list of prices calls it; natural when empty
};

struct PlanAndProof {
  Plan plan;
  Bytes proof;
};

// Searches and writes down. `unpriced`, or what `search` refuses.
Result<PlanAndProof> make_plan(const Rough& rough, const std::vector<Design>& designs,
                               const PlanTerms& terms, const SearchLimits& limits,
                               const Watch& watch = {});

// The stone's corners in the rough, in nanometres from its origin, rounded; in the design's
// sequence.
std::vector<Point> placed_corners(const std::vector<Point>& design, const FixedPose& fixed);

Bytes encode_plan(const Plan& plan);
Result<Plan> decode_plan(ByteView bytes);
Digest prices_hash(const PriceList& prices);
// Whether these are the inclusions that the plan was made with.
bool was_made_with(const Plan& plan, const std::vector<Inclusion>& inclusions);

// How far `value` is below `bound`, in millionths of the bound, rounded up.
std::uint32_t gap_between(std::uint64_t value, std::uint64_t bound);

}  // namespace intaglio::stone
