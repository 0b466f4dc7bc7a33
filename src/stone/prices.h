// What polished stones are worth: a price list in steps of weight, and the curve of one kind of
// stone in it. Pure functions; any thread.
//
// As CSV:
//   # name Sample list              optional, as are the next four
//   # currency USD
//   # sample                        prices that we made up
//   # cut very good 30              thousandths off for that cut grade
//   # origin treated 400            and for stones that are not natural
//   shape,colour,clarity,from,to,per_carat
//   round,D,IF,0.30,0.40,4100.00    from 0.30 ct, below 0.40 ct; an empty `to` has no end
// A shape "*" stands for every shape without rows of its own. As JSON: the object that to_json
// gives, weights in millionths of a carat, prices in minor units.
#pragma once

#include <span>

#include "base/amount.h"
#include "codec/record.h"
#include "stone/mesh.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxPriceFile = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxPriceRows = 100'000;

// One step: what a carat costs from a weight on, up to another.
struct PriceRow {
  std::string shape;
  std::string colour;
  std::string clarity;
  MicroCarats from;
  MicroCarats to;  // not itself part of the step
  Amount per_carat;
  bool operator==(const PriceRow&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "shape", &PriceRow::shape, "\"*\" for every shape without rows of its own"),
        field(2, "colour", &PriceRow::colour, "as the list grades it"),
        field(3, "clarity", &PriceRow::clarity, "as the list grades it"),
        field(4, "from", &PriceRow::from, "in millionths of a carat"),
        field(5, "to", &PriceRow::to, "where the next step begins"),
        field(6, "per_carat", &PriceRow::per_carat, "in minor units"));
  }
};

struct CutDiscount {
  std::string grade;
  std::uint32_t thousandths_off = 0;
  bool operator==(const CutDiscount&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(field(1, "grade", &CutDiscount::grade, "of the cut"),
                      field(2, "off", &CutDiscount::thousandths_off, "thousandths of the price"));
  }
};

struct OriginDiscount {
  std::string origin;
  std::uint32_t thousandths_off = 0;
  bool operator==(const OriginDiscount&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "origin", &OriginDiscount::origin, "what the stone is instead of natural"),
        field(2, "off", &OriginDiscount::thousandths_off, "thousandths of the price"));
  }
};

// The price of one kind of stone by its weight. Steps ascend and do not leave anything out; below
// the first a stone is worth nothing.
class PriceCurve {
 public:
  struct Step {
    MicroCarats from;
    Amount per_carat;
    bool operator==(const Step&) const = default;
  };

  // As many minor units as millionths of a carat: the most value is the most weight.
  static PriceCurve by_weight() { return PriceCurve({{MicroCarats(0), Amount(1'000'000)}}); }
  explicit PriceCurve(std::vector<Step> steps) : steps_(std::move(steps)) {}

  const std::vector<Step>& steps() const { return steps_; }
  // Rounded down to a minor unit.
  Amount value(MicroCarats weight) const;
  // The most that a stone of that weight or less is worth: never falls as the weight grows.
  Amount most_up_to(MicroCarats weight) const;
  // The same, but that stones below a weight are worth nothing.
  PriceCurve from_weight(MicroCarats least) const;

  bool operator==(const PriceCurve&) const = default;

 private:
  std::vector<Step> steps_;
};

class PriceList {
 public:
  // Refuses with the line: `bad_encoding`, `bad_value`, `too_large`; and what the list as a whole
  // lacks with its place: `prices_gap` where a weight or a pair of colour and clarity has no price,
  // `prices_overlap` where it has two.
  static Result<PriceList> from_csv(std::string_view text);
  static Result<PriceList> from_json(std::string_view text);
  // By the first character: "{" is JSON.
  static Result<PriceList> from_text(std::string_view text);
  // Prices in the shape of the trade's lists, made up by us.
  static const PriceList& sample();

  const std::string& name() const { return name_; }
  const std::string& currency() const { return currency_; }
  bool is_sample() const { return is_sample_; }
  const std::vector<PriceRow>& rows() const { return rows_; }
  // From the best, in the order in which the list names them.
  const std::vector<std::string>& colours() const { return colours_; }
  const std::vector<std::string>& clarities() const { return clarities_; }

  // Of a natural stone where no origin is said. `unpriced` for a shape, colour, clarity or origin
  // that the list does not have.
  Result<PriceCurve> curve(std::string_view shape, std::string_view colour,
                           std::string_view clarity, std::string_view cut_grade,
                           std::string_view origin = {}) const;

  std::string to_csv() const;
  codec::Json to_json() const;

 private:
  Result<void> check();

  std::string name_;
  std::string currency_ = "USD";
  bool is_sample_ = false;
  std::vector<CutDiscount> cuts_;
  std::vector<OriginDiscount> origins_;
  std::vector<PriceRow> rows_;
  std::vector<std::string> colours_;
  std::vector<std::string> clarities_;
};

// "0.70", "1": at most six decimals; `bad_value`.
Result<MicroCarats> carats_from_text(std::string_view text);
// With as many decimals as it needs, and two at least: "0.70".
std::string carats_text(MicroCarats weight);

}  // namespace intaglio::stone
