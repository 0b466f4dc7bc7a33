#include "stone/proportions.h"

#include <algorithm>

#include "base/check.h"
#include "base/parallel.h"
#include "stone/polish.h"
#include "stone/table_axis.h"
#include "stone/verified_family.h"

namespace intaglio::stone {
namespace {

constexpr std::uint32_t kFirstGap = 20'000;  // millionths, while members are chosen
constexpr std::size_t kMostRanges = 192;     // that are bounded, of all families
constexpr std::uint32_t kNarrowest = 20;     // thousandths: a range that is not halved
constexpr std::size_t kRows = 400;           // facets that members are polished by
constexpr double kTurn = 0.02;               // radians that the first step of polishing may turn
constexpr std::uint32_t kWidestStep = 4;     // parts of a range that proportions change by
constexpr std::uint32_t kNarrowestStep = 128;

using Values = std::vector<std::uint32_t>;  // of all proportions, in thousandths

std::vector<std::size_t> free_of(const DesignRange& range) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    if (range.proportions[i].low < range.proportions[i].high) out.push_back(i);
  }
  return out;
}

std::uint32_t middle_of(const FreeProportion& p) { return p.low + (p.high - p.low) / 2; }

// Members in the corners of a range and in its middle.
std::vector<Values> first_members(const DesignRange& range) {
  const auto free = free_of(range);
  Values middle;
  for (const FreeProportion& p : range.proportions) middle.push_back(middle_of(p));
  std::vector<Values> out = {middle};
  for (std::size_t which = 0; which < std::size_t{1} << free.size() && !free.empty(); ++which) {
    Values values = middle;
    for (std::size_t k = 0; k < free.size(); ++k) {
      const FreeProportion& p = range.proportions[free[k]];
      values[free[k]] = which >> k & 1 ? p.high : p.low;
    }
    out.push_back(std::move(values));
  }
  return out;
}

// The most that any of the curves gives, at every weight.
PriceCurve most_of(const std::vector<PriceCurve>& curves) {
  std::vector<MicroCarats> from;
  for (const PriceCurve& curve : curves) {
    for (const auto& step : curve.steps()) from.push_back(step.from);
  }
  std::ranges::sort(from);
  const auto [end, last] = std::ranges::unique(from);
  from.erase(end, last);
  std::vector<PriceCurve::Step> steps;
  for (const MicroCarats weight : from) {
    Amount most;
    for (const PriceCurve& curve : curves) {
      for (const auto& step : curve.steps()) {
        // The last step that begins no later is the one that counts.
        const auto next = &step + 1;
        const bool is_last = next == curve.steps().data() + curve.steps().size();
        if (step.from <= weight && (is_last || weight < next->from)) {
          most = std::max(most, step.per_carat);
        }
      }
    }
    steps.push_back({weight, most});
  }
  return PriceCurve(std::move(steps));
}

class Within {
 public:
  Within(const Rough& rough, const std::vector<Candidate>& given,
         const std::vector<AskedRange>& asked, SpecificGravity gravity, const SearchLimits& limits,
         const Watch& watch)
      : rough_(rough),
        given_(given),
        asked_(asked),
        gravity_(gravity),
        limits_(limits),
        watch_(watch) {}

  Result<FoundWithin> run() {
    out_.candidates = given_;
    out_.ranges.resize(given_.size());
    TRY(choose_members());
    ASSIGN(out_.found, searched(out_.candidates, limits_.gap, {}));
    known_.value = out_.found.best ? out_.found.best->value : Amount(0);
    known_.directions = out_.found.directions;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      scales_.push_back(scales_of(asked_[i].range));
      ASSIGN(auto node, node_for(i, asked_[i].range, true));
      nodes_.push_back(std::move(node));
    }
    TRY(halve());
    for (std::size_t i = 0; i < asked_.size(); ++i) take(i);
    out_.found.cells = is_ended_ ? ended_at_ : cells_;
    return std::move(out_);
  }

 private:
  // A range with its cores, one for each level, and what bounds them.
  struct Node {
    std::size_t asked = 0;
    DesignRange range;
    std::vector<Candidate> cores;
    SearchResult result;
    bool is_tentative = false;  // it may be bounded better without being halved
    std::size_t parts = 0;      // the first of two, which follow each other
  };

  // Counts cells, and sees to it that all ends where one search did.
  Result<SearchResult> searched(const std::vector<Candidate>& candidates, std::uint32_t gap,
                                const Known& known) {
    SearchLimits limits = limits_;
    limits.gap = gap;
    limits.cells = is_ended_ ? 1 : std::max<std::uint64_t>(1, limits_.cells - cells_);
    const auto watch = [&](const Progress& progress) {
      return !watch_ || watch_({std::max(progress.value, known_.value),
                                std::max(progress.bound, known_.value), cells_ + progress.cells});
    };
    ASSIGN(auto out, search(rough_, candidates, gravity_, limits, watch, known));
    cells_ += out.cells;
    const bool ends = out.reason == StopReason::cell_limit || out.reason == StopReason::stopped ||
                      cells_ >= limits_.cells;
    if (ends && !is_ended_) {
      is_ended_ = true;
      ended_at_ = cells_;
      out_.found.reason = out.reason;
    }
    return out;
  }

  Candidate member(std::size_t asked, std::size_t level, Design design) const {
    const AskedLevel& at = asked_[asked].levels[level];
    const auto price = at.prices.find(design.cut_grade);
    CHECK(price != at.prices.end());
    return {std::move(design), price->second, at.avoided};
  }

  // Of each range the member that seems best, as candidates at every level.
  Result<void> choose_members() {
    struct Tried {
      std::size_t asked;
      Values values;
    };
    std::vector<Tried> tried(given_.size());
    std::vector<Candidate> candidates = given_;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      for (const Values& values : first_members(asked_[i].range)) {
        ASSIGN(const auto design, member_of(asked_[i].range, values));
        for (std::size_t level = 0; level < asked_[i].levels.size(); ++level) {
          candidates.push_back(member(i, level, design));
          tried.push_back({i, values});
        }
      }
    }
    ASSIGN(const auto found, searched(candidates, std::max(kFirstGap, limits_.gap), {}));
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      Values values = first_members(asked_[i].range).front();
      std::vector<Pose> begins;
      if (found.best && found.best->candidate >= given_.size() &&
          tried[found.best->candidate].asked == i) {
        values = tried[found.best->candidate].values;
        const Candidate& best = candidates[found.best->candidate];
        begins = {pose_of(found.best->pose)};
        TRY(improve(i, found.directions, best.avoided, values, begins.front()));
      }
      ASSIGN(const auto design, member_of(asked_[i].range, values));
      for (std::size_t level = 0; level < asked_[i].levels.size(); ++level) {
        out_.candidates.push_back(member(i, level, design));
        out_.candidates.back().begins = begins;
        out_.ranges.emplace_back();
      }
    }
    return {};
  }

  struct Worth {
    Amount money;
    MicroCarats weight;
    Pose pose;
    bool operator<(const Worth& other) const {
      return std::tie(money, weight) < std::tie(other.money, other.weight);
    }
  };

  // What the member with these proportions is worth near a pose.
  std::optional<Worth> worth(std::size_t asked, const Values& values, const Reaches& reaches,
                             const Room& room, const Pose& near) const {
    const auto design = member_of(asked_[asked].range, values);
    if (!design) return std::nullopt;
    const Shape shape(*design);
    std::optional<TableAxis> axis;
    if (rough_.axis) axis.emplace(*rough_.axis);
    const Confines confines(reaches.rows(), {}, {}, axis ? &*axis : nullptr);
    auto at = polish(confines, shape, near, kTurn);
    if (!at) return std::nullopt;
    at = clear_of_surface(room, confines, shape, *at);
    for (const AskedLevel& level : asked_[asked].levels) {
      if (level.avoided != room.avoided) continue;
      const auto size = static_cast<std::uint64_t>(std::max(0.0, at->size * 1000));
      const auto weight = weight_below(shape.volume(), size, gravity_);
      return Worth{level.prices.at(design->cut_grade).value(weight), weight, at->pose};
    }
    return std::nullopt;
  }

  // Changes the proportions one at a time for as long as the stone gains by it.
  Result<void> improve(std::size_t asked, const std::vector<GridDirection>& directions,
                       const std::vector<std::uint16_t>& avoided, Values& values, Pose& pose) {
    const DesignRange& range = asked_[asked].range;
    Reaches reaches(rough_);
    reaches.add_layers();
    reaches.add_spread_facets(kRows);
    reaches.add(directions);
    const Room room(rough_, avoided);
    auto best = worth(asked, values, reaches, room, pose);
    if (!best) return {};
    for (std::uint32_t parts = kWidestStep; parts <= kNarrowestStep && !is_ended_;) {
      std::vector<Values> beside;
      for (const std::size_t i : free_of(range)) {
        const FreeProportion& p = range.proportions[i];
        const std::uint32_t step = std::max(1U, (p.high - p.low) / parts);
        for (const bool is_up : {false, true}) {
          Values other = values;
          const std::uint32_t room_for = is_up ? p.high - values[i] : values[i] - p.low;
          other[i] =
              is_up ? values[i] + std::min(step, room_for) : values[i] - std::min(step, room_for);
          if (other != values) beside.push_back(std::move(other));
        }
      }
      std::vector<std::optional<Worth>> found(beside.size());
      for_each_parallel(beside.size(), limits_.threads, [&](std::size_t i) {
        found[i] = worth(asked, beside[i], reaches, room, best->pose);
      });
      std::size_t chosen = beside.size();
      for (std::size_t i = 0; i < beside.size(); ++i) {
        if (!found[i] || !(*best < *found[i])) continue;
        best = found[i];
        chosen = i;
      }
      if (chosen == beside.size()) {
        parts *= 2;
      } else {
        values = beside[chosen];
      }
    }
    pose = best->pose;
    return {};
  }

  Result<std::vector<Candidate>> cores_for(std::size_t asked, const DesignRange& range) const {
    ASSIGN(const auto core, core_of(range));
    ASSIGN(const auto volume, volume_round(range, core));
    std::vector<Candidate> out;
    for (const AskedLevel& level : asked_[asked].levels) {
      std::vector<PriceCurve> curves;
      for (const std::string& grade : possible_grades(range)) {
        curves.push_back(level.prices.at(grade));
      }
      out.push_back({core, most_of(curves), level.avoided, volume});
    }
    return out;
  }

  // Claimed is what will be proven, by the verifier's own planes.
  static Result<double> volume_round(const DesignRange& range, const Design& core) {
    std::vector<Vec3> corners;
    for (const Point& p : core.corners) corners.push_back((1 / kDesignUnit) * to_vec(p));
    ASSIGN(const auto checked, check_core(range, corners));
    return checked.volume;
  }

  Result<Node> node_for(std::size_t asked, const DesignRange& range, bool is_tentative) {
    Node out{asked, range, {}, {}, is_tentative, 0};
    ASSIGN(out.cores, cores_for(asked, range));
    TRY(bound(out));
    return out;
  }

  Result<void> bound(Node& node) {
    Known known = known_;
    known.is_end_beyond = node.is_tentative;
    ASSIGN(node.result, searched(node.cores, limits_.gap, known));
    node.is_tentative = node.result.reason == StopReason::beyond;
    return {};
  }

  // How much more than its core the heaviest member of a range has, for a thousandth of each
  // proportion.
  std::vector<double> scales_of(const DesignRange& range) const {
    std::vector<double> out(range.proportions.size());
    for (const std::size_t i : free_of(range)) {
      DesignRange one = range;
      for (FreeProportion& p : one.proportions) p.low = p.high = middle_of(p);
      one.proportions[i] = range.proportions[i];
      const auto core = core_of(one);
      if (!core) continue;
      const auto volume = volume_round(one, *core);
      if (!volume) continue;
      const double width = range.proportions[i].high - range.proportions[i].low;
      out[i] = std::max(0.0, *volume / unit_volume(*core) - 1) / width;
    }
    return out;
  }

  Amount reached() const {
    const auto more = static_cast<Wide>(known_.value.value()) * limits_.gap / 1'000'000;
    return Amount(known_.value.value() + static_cast<std::uint64_t>(more));
  }

  // The range that promises most of those that are not halved yet.
  Node* most_promising(bool may_be_halved) {
    Node* out = nullptr;
    for (Node& node : nodes_) {
      const bool counts = may_be_halved ? widest(node).has_value() : node.is_tentative;
      if (node.parts != 0 || !counts || node.result.bound <= reached()) continue;
      if (out == nullptr || node.result.bound > out->result.bound) out = &node;
    }
    return out;
  }

  std::optional<std::size_t> widest(const Node& node) const {
    std::optional<std::size_t> out;
    double most = 0;
    for (const std::size_t i : free_of(node.range)) {
      const FreeProportion& p = node.range.proportions[i];
      const double width = scales_[node.asked][i] * (p.high - p.low);
      if (p.high - p.low < 2 * kNarrowest || width <= most) continue;
      most = width;
      out = i;
    }
    return out;
  }

  Result<void> halve() {
    while (!is_ended_ && leaves() < kMostRanges) {
      Node* const at = most_promising(true);
      if (at == nullptr) break;
      const std::size_t asked = at->asked;
      const std::size_t which = *widest(*at);
      const FreeProportion whole = at->range.proportions[which];
      DesignRange low = at->range;
      DesignRange high = at->range;
      low.proportions[which].high = high.proportions[which].low = middle_of(whole);
      const auto place = static_cast<std::size_t>(at - nodes_.data());
      ASSIGN(auto first, node_for(asked, low, true));
      ASSIGN(auto second, node_for(asked, high, true));
      nodes_[place].parts = nodes_.size();
      nodes_.push_back(std::move(first));
      nodes_.push_back(std::move(second));
    }
    // What was given up early, because halving would be better, is bounded as it is.
    while (!is_ended_) {
      Node* const at = most_promising(false);
      if (at == nullptr) return {};
      at->is_tentative = false;
      SearchResult before = at->result;
      TRY(bound(*at));
      if (before.bound < at->result.bound) at->result = std::move(before);
    }
    return {};
  }

  std::size_t leaves() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(nodes_, [](const Node& node) { return node.parts == 0; }));
  }

  // The least that is proven of a range: by its own core, or by those of its parts.
  Amount proven(std::size_t place) const {
    const Node& node = nodes_[place];
    if (node.parts == 0) return node.result.bound;
    return std::min(node.result.bound, std::max(proven(node.parts), proven(node.parts + 1)));
  }

  void take(std::size_t place) {
    const Node& node = nodes_[place];
    if (node.parts != 0 && proven(place) < node.result.bound) {
      take(node.parts);
      take(node.parts + 1);
      return;
    }
    SearchResult& all = out_.found;
    std::vector<std::uint16_t> numbers;
    for (const GridDirection& direction : node.result.directions) {
      const auto at = std::ranges::find(all.directions, direction);
      numbers.push_back(static_cast<std::uint16_t>(at - all.directions.begin()));
      if (at == all.directions.end()) all.directions.push_back(direction);
    }
    for (std::size_t i = 0; i < node.cores.size(); ++i) {
      auto proof = node.result.proofs[i];
      for (ProofCell& cell : proof) {
        for (std::size_t k = 0; k < cell.rows.size(); ++k) {
          if (cell.weights[k] != 0 && cell.rows[k] < kFirstObstacle) {
            cell.rows[k] = numbers[cell.rows[k]];
          }
        }
      }
      all.proofs.push_back(std::move(proof));
      all.bounds.push_back(node.result.bounds[i]);
      all.bound = std::max(all.bound, node.result.bounds[i].value);
      out_.candidates.push_back(node.cores[i]);
      out_.ranges.emplace_back(node.range);
    }
  }

  const Rough& rough_;
  const std::vector<Candidate>& given_;
  const std::vector<AskedRange>& asked_;
  SpecificGravity gravity_;
  SearchLimits limits_;
  const Watch& watch_;
  FoundWithin out_;
  Known known_;
  std::vector<std::vector<double>> scales_;
  std::vector<Node> nodes_;  // those of the asked ranges first
  std::uint64_t cells_ = 0;
  std::uint64_t ended_at_ = 0;
  bool is_ended_ = false;
};

}  // namespace

Result<FoundWithin> search_within(const Rough& rough, const std::vector<Candidate>& candidates,
                                  const std::vector<AskedRange>& asked, SpecificGravity gravity,
                                  const SearchLimits& limits, const Watch& watch) {
  for (const AskedRange& each : asked) TRY(check_range(each.range));
  return Within(rough, candidates, asked, gravity, limits, watch).run();
}

}  // namespace intaglio::stone
