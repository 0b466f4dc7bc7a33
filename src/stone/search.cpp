#include "stone/search.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "base/check.h"
#include "base/parallel.h"
#include "stone/bounding.h"
#include "stone/dents.h"
#include "stone/table_axis.h"
#include "stone/turns.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kMaxCandidates = 4096;
constexpr std::size_t kRound = 64;       // cells divided at once, whatever the threads
constexpr std::size_t kFirstRows = 400;  // facets of a hull that has more
constexpr std::size_t kMostRows = 1200;
constexpr std::size_t kFirstPolished = 24;  // beginnings that are polished before anything else
constexpr std::size_t kPolishedARound = 4;
constexpr double kSafety = 0.5;        // nanometres that a found stone stays short of its limit
constexpr double kViolated = 1e-5;     // of the size: facets further outside become rows
constexpr double kHopeful = 1.02;      // what moving clear of the surface may gain
constexpr double kSameTurn = 1e-3;     // radians between what is polished to one end
constexpr double kSameHill = 0.005;    // and between beginnings that would be
constexpr double kSamePlace = 0.02;    // of the size, where places matter
constexpr double kLattice = 1.0 / 28;  // of the rough's diagonal, between obstacles in an inclusion
constexpr int kGridBegins = 4;         // places along each axis where stones may begin
constexpr std::uint32_t kBeginsApart = 32;   // of the roots whose middles are tried at each
constexpr std::size_t kMostInside = 16'000;  // obstacles in all inclusions together
constexpr std::size_t kMostDents = 64;       // corners of the surface that become obstacles
constexpr std::size_t kMostShelved = 50'000;

// A cell as it is remembered for ever, for the proof.
struct Node {
  double own = 0;
  std::uint32_t parts = 0;  // where it is divided, the first of them, which follow each other
  CellKind division = CellKind::bounded;
  std::uint8_t edge = 0;
  std::array<std::uint16_t, 4> rows{};
  std::array<std::uint32_t, 4> weights{};

  std::size_t part_count() const {
    switch (division) {
      case CellKind::bounded: return 0;
      case CellKind::by_direction: return 4;
      case CellKind::by_box: return 6;
      default: return 2;
    }
  }
};

struct Open {
  Amount money;  // no stone of the cell is worth more
  double bound;
  std::uint32_t node;
  std::uint32_t candidate;
  BoundedCell cell;
};

// What a cell's middle or a polished pose promises.
struct Promise {
  Amount money;
  double size = 0;
  std::uint32_t node = 0;
  std::uint32_t candidate = 0;
  Pose pose;
};

bool is_better(const Promise& a, const Promise& b) {
  return std::tie(b.money, b.size, a.node) < std::tie(a.money, a.size, b.node);
}

class Search {
 public:
  Search(const Rough& rough, const std::vector<Candidate>& candidates, SpecificGravity gravity,
         const SearchLimits& limits, const Watch& watch, const Known& known)
      : rough_(rough),
        candidates_(candidates),
        gravity_(gravity),
        limits_(limits),
        watch_(watch),
        known_(known),
        reaches_(rough),
        box_(box_of(rough.solid.corners)),
        obstacles_(obstacles_of(
            rough.inclusions, rough.allowance,
            {.spacing = kLattice * length(box_.size()),
             .inside = std::min<std::size_t>(400, kMostInside / (1 + rough.inclusions.size()))})) {
    for (const Candidate& candidate : candidates) {
      shapes_.emplace_back(candidate.design);
      rooms_.emplace_back(rough, candidate.avoided);
      auto& avoided = avoided_.emplace_back();
      for (std::size_t i = 0; i < obstacles_.size(); ++i) {
        if (std::ranges::binary_search(candidate.avoided, obstacles_[i].source.inclusion)) {
          avoided.push_back(static_cast<std::uint16_t>(i));
        }
      }
    }
    if (rough.axis) axis_.emplace(*rough.axis);
    reaches_.add_layers();
    reaches_.add_spread_facets(kFirstRows);
    reaches_.add(known.directions);
  }

  SearchResult run() {
    begin();
    while (!is_done()) round();
    if (look_into_dents()) {
      while (!is_done()) round();
    }
    return finish();
  }

 private:
  // What is to be bounded: a part of `above`, or a root where that is nothing.
  struct Job {
    Cell cell;
    std::uint32_t node;
    std::uint32_t candidate;
    const BoundedCell* above = nullptr;
    BoundedCell done;
    double most = 1e300;  // of a cell that it is a part of
  };

  static std::uint64_t size_above(double nanometres) {
    const double picometres = std::ceil(nanometres * 1000 * (1 + 1e-8)) + 1;
    return picometres < static_cast<double>(kMaxSize) ? static_cast<std::uint64_t>(picometres)
                                                      : kMaxSize;
  }
  // Of the stones of size 1 that a candidate stands for, at most.
  double volume(std::uint32_t candidate) const {
    return candidates_[candidate].most_volume.value_or(shapes_[candidate].volume());
  }
  bool is_core(std::uint32_t candidate) const {
    return candidates_[candidate].most_volume.has_value();
  }
  Amount most_money(std::uint32_t candidate, double size) const {
    const auto weight = weight_above(volume(candidate), size_above(size), gravity_);
    return candidates_[candidate].prices.most_up_to(weight);
  }
  Amount money_of(std::uint32_t candidate, double size) const {
    const auto picometres = static_cast<std::uint64_t>(std::max(0.0, size * 1000));
    const auto weight = weight_below(shapes_[candidate].volume(), picometres, gravity_);
    return candidates_[candidate].prices.value(weight);
  }
  Amount value() const { return best_ ? best_->value : Amount(0); }
  // Cells that promise no more than this are closed. Where the surface keeps the stone from what
  // the hull would allow, no dividing brings the bound below that.
  Amount threshold() const {
    const Amount reached = std::max(value(), known_.value);
    if (dents_until_ != 0) return std::max(limits_.negligible, and_gap(reached));
    return std::max(limits_.negligible,
                    and_gap(known_.is_end_beyond ? reached : std::max(reached, value_in_hull_)));
  }
  Amount and_gap(Amount reached) const {
    const auto more = static_cast<Wide>(reached.value()) * limits_.gap / 1'000'000;
    return Amount(reached.value() + static_cast<std::uint64_t>(more));
  }

  // No rows are learnt while it is in use.
  Confines confines(std::uint32_t candidate) const {
    return {reaches_.rows(), obstacles_, avoided_[candidate], axis_ ? &*axis_ : nullptr};
  }
  bool is_convex(std::uint32_t candidate) const {
    return rough_.is_convex && rooms_[candidate].avoided.empty();
  }
  std::vector<Cell> parts_of(const BoundedCell& cell) const;

  bool look_into_dents();
  void add_dent(std::uint32_t corner);
  void begin();
  std::vector<Promise> begins_of(std::uint32_t candidate, const std::vector<Point>& places) const;
  void bound(std::vector<Job>& jobs);
  void take_in(std::vector<Job>& jobs, std::vector<Promise>& promises);
  void round();
  bool is_done();
  void pursue(std::vector<Promise> promises, std::size_t most, double step);
  void learn_rows(const Promise& promise, const Polished& first);
  void add_facets_before(const Shape& shape, const Polished& at, std::size_t most);
  double size_needed(std::uint32_t candidate) const;
  bool was_tried(std::uint32_t candidate, const Polished& at, double apart) const;
  void adopt(std::uint32_t candidate, const Polished& polished);
  SearchResult finish();
  std::vector<ProofCell> proof_of(std::uint32_t candidate, const std::vector<double>& best,
                                  CandidateBound& bound) const;

  const Rough& rough_;
  const std::vector<Candidate>& candidates_;
  SpecificGravity gravity_;
  SearchLimits limits_;
  const Watch& watch_;
  const Known& known_;
  Reaches reaches_;
  Box box_;
  std::optional<TableAxis> axis_;
  std::vector<Obstacle> obstacles_;
  // By candidate.
  std::vector<Shape> shapes_;
  std::vector<Room> rooms_;
  std::vector<std::vector<std::uint16_t>> avoided_;
  std::vector<Node> nodes_;
  // Largest first; equal ones by their number.
  struct Before {
    bool operator()(const std::shared_ptr<Open>& a, const std::shared_ptr<Open>& b) const {
      return std::tie(a->money, a->bound, b->node) < std::tie(b->money, b->bound, a->node);
    }
  };
  std::priority_queue<std::shared_ptr<Open>, std::vector<std::shared_ptr<Open>>, Before> open_;
  std::optional<FoundStone> best_;
  Amount value_in_hull_;  // of the best stone that the confines allow, if not the rough
  std::vector<std::pair<std::uint32_t, Pose>> tried_;
  std::vector<std::uint32_t> dents_;  // corners that were in the way, each once
  std::vector<Job> shelved_;          // cells that were closed by what the hull allows
  std::uint64_t dents_until_ = 0;     // cells; 0 while the hull's own question is asked
  StopReason reason_ = StopReason::gap_reached;
};

void Search::bound(std::vector<Job>& jobs) {
  static const RowChoice all;
  const Amount closed = threshold();
  for_each_parallel(jobs.size(), limits_.threads, [&](std::size_t i) {
    Job& job = jobs[i];
    const Shape& shape = shapes_[job.candidate];
    const bool is_root = job.above == nullptr;
    const double whole = std::min(job.most, 2 * rough_.radius / shape.inner_radius());
    const double above = is_root ? whole : job.above->bound;
    job.done = bound_cell(confines(job.candidate), shape, job.cell, above,
                          is_root ? all : *job.above->choice,
                          is_root ? nullptr : &job.above->multipliers, 0);
    if (most_money(job.candidate, job.done.bound) <= closed) job.done.choice = nullptr;
  });
}

void Search::take_in(std::vector<Job>& jobs, std::vector<Promise>& promises) {
  for (Job& job : jobs) {
    Node& node = nodes_[job.node];
    node.own = job.done.own;
    for (std::size_t k = 0; k < 4; ++k) {
      node.rows[k] = static_cast<std::uint16_t>(job.done.multipliers.rows[k]);
      node.weights[k] = static_cast<std::uint32_t>(job.done.multipliers.weights[k]);
    }
    if (job.done.choice == nullptr) {
      const bool is_plain = limits_.dents != 0 && !job.done.cell.place && dents_until_ == 0;
      if (is_plain && shelved_.size() < kMostShelved) {
        shelved_.push_back({job.done.cell, job.node, job.candidate, nullptr, {}, job.done.bound});
      }
      continue;
    }
    const double size = job.done.middle ? job.done.middle->size : 0;
    if (is_core(job.candidate)) {
      // By the rows alone, but those are all that it is bounded by.
      value_in_hull_ = std::max(value_in_hull_, most_money(job.candidate, size));
    } else if (size > 0) {
      promises.push_back(
          {money_of(job.candidate, size), size, job.node, job.candidate, job.done.middle->pose});
    }
    job.done.middle.reset();
    auto open =
        std::make_shared<Open>(Open{most_money(job.candidate, job.done.bound), job.done.bound,
                                    job.node, job.candidate, std::move(job.done)});
    open_.push(std::move(open));
  }
}

void Search::begin() {
  std::vector<Job> jobs;
  for (std::uint32_t c = 0; c < candidates_.size(); ++c) {
    for (std::uint32_t root = 0; root < kRoots; ++root) {
      jobs.push_back({root_cell(root), c * kRoots + root, c, nullptr, {}});
    }
  }
  nodes_.resize(jobs.size());
  bound(jobs);
  std::vector<Promise> promises;
  take_in(jobs, promises);
  if (!rough_.inclusions.empty()) {
    const auto places = places_inside(rough_, kGridBegins);
    std::vector<std::vector<Promise>> begins(candidates_.size());
    for_each_parallel(candidates_.size(), limits_.threads, [&](std::size_t c) {
      const auto number = static_cast<std::uint32_t>(c);
      if (!rooms_[c].avoided.empty() && !is_core(number)) begins[c] = begins_of(number, places);
    });
    for (const auto& each : begins) promises.insert(promises.end(), each.begin(), each.end());
  }
  for (std::uint32_t c = 0; c < candidates_.size(); ++c) {
    for (const Pose& pose : candidates_[c].begins) {
      const auto placed = place_clear(confines(c), all_of(reaches_.rows()), shapes_[c], pose);
      if (!placed || placed->size <= 0) continue;
      promises.push_back({money_of(c, placed->size), placed->size, c * kRoots, c, placed->pose});
    }
  }
  // At most six beginnings of each candidate.
  std::ranges::sort(promises, is_better);
  std::vector<std::size_t> count(candidates_.size());
  std::erase_if(promises, [&](const Promise& p) { return ++count[p.candidate] > 6; });
  pursue(std::move(promises), kFirstPolished, 0.15);
}

// Between inclusions there are many places that stones cannot move between: begin in all of them.
std::vector<Promise> Search::begins_of(std::uint32_t candidate,
                                       const std::vector<Point>& places) const {
  const Shape& shape = shapes_[candidate];
  const auto rows = all_of(reaches_.rows());
  std::vector<Promise> out;
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const auto is_in_it = [&](std::uint16_t which) {
      return is_in(rough_.inclusions[which], places[i]);
    };
    if (std::ranges::any_of(rooms_[candidate].avoided, is_in_it)) continue;
    for (std::uint32_t root = i % kBeginsApart; root < kRoots; root += kBeginsApart) {
      const Pose at{view_of(root_cell(root), shape.symmetry()).frame, to_vec(places[i])};
      const auto placed = place_clear(confines(candidate), rows, shape, at);
      if (!placed || placed->size <= 0) continue;
      out.push_back({money_of(candidate, placed->size), placed->size, candidate * kRoots + root,
                     candidate, placed->pose});
    }
  }
  return out;
}

// Once the hull's own question is answered: what of the gap are dents? Corners of the surface that
// lay in what the hull allows become points that no stone may hold, and the cells that were closed
// by the hull are opened again. Whether that has brought anything or not, each bound is the better
// of both. False where there is nothing to be gained.
bool Search::look_into_dents() {
  const auto is_bounding = [](const Candidate& c) { return c.most_volume.has_value(); };
  if (limits_.dents == 0 || reason_ != StopReason::gap_reached || dents_.empty() ||
      known_.is_end_beyond || shelved_.size() >= kMostShelved ||
      std::ranges::any_of(candidates_, is_bounding)) {
    return false;
  }
  dents_until_ = nodes_.size() + limits_.dents;
  for (const std::uint32_t corner : std::exchange(dents_, {})) add_dent(corner);
  std::vector<Job> jobs;
  for (const Job& each : shelved_) {
    if (most_money(each.candidate, each.most) <= threshold()) continue;
    Node& node = nodes_[each.node];
    node.division = CellKind::by_box;
    node.parts = static_cast<std::uint32_t>(nodes_.size());
    for (const Cell& part : divide_box(each.cell, box_)) {
      const auto number = static_cast<std::uint32_t>(nodes_.size());
      jobs.push_back({part, number, each.candidate, nullptr, {}, each.most});
      nodes_.emplace_back();
    }
  }
  shelved_.clear();
  bound(jobs);
  std::vector<Promise> promises;
  take_in(jobs, promises);
  pursue(std::move(promises), kFirstPolished, 0.02);
  return true;
}

void Search::add_dent(std::uint32_t corner) {
  if (dents_.size() >= kMostDents || std::ranges::find(dents_, corner) != dents_.end()) return;
  dents_.push_back(corner);
  if (dents_until_ == 0) return;
  const auto number = static_cast<std::uint16_t>(obstacles_.size());
  obstacles_.push_back({{kOfSurface, corner, {}}, to_vec(rough_.solid.corners[corner])});
  for (auto& avoided : avoided_) avoided.push_back(number);
}

bool Search::is_done() {
  if (open_.empty() || open_.top()->money <= threshold()) return true;
  if (dents_until_ != 0 && nodes_.size() >= dents_until_) return true;
  if (known_.is_end_beyond && value_in_hull_ > and_gap(known_.value)) {
    reason_ = StopReason::beyond;
    return true;
  }
  if (nodes_.size() >= limits_.cells) {
    reason_ = StopReason::cell_limit;
    return true;
  }
  if (watch_ && !watch_({value(), std::max(value(), open_.top()->money), nodes_.size()})) {
    reason_ = StopReason::stopped;
    return true;
  }
  return false;
}

std::vector<Cell> Search::parts_of(const BoundedCell& cell) const {
  switch (cell.division) {
    case CellKind::by_spin: return divide_spin(cell.cell);
    case CellKind::by_direction: return divide_direction(cell.cell);
    case CellKind::by_box: return divide_box(cell.cell, box_);
    case CellKind::by_edge: return divide_edge(cell.cell, cell.edge);
    case CellKind::bounded: break;
  }
  std::unreachable();
}

void Search::round() {
  std::vector<std::shared_ptr<Open>> divided;
  const Amount closed = threshold();
  while (divided.size() < kRound && !open_.empty() && open_.top()->money > closed) {
    divided.push_back(open_.top());
    open_.pop();
  }
  std::vector<Job> jobs;
  for (const auto& open : divided) {
    Node& node = nodes_[open->node];
    node.division = open->cell.division;
    node.edge = open->cell.edge;
    node.parts = static_cast<std::uint32_t>(nodes_.size());
    for (const Cell& part : parts_of(open->cell)) {
      jobs.push_back(
          {part, static_cast<std::uint32_t>(nodes_.size()), open->candidate, &open->cell, {}});
      nodes_.emplace_back();
    }
  }
  bound(jobs);
  std::vector<Promise> promises;
  take_in(jobs, promises);
  std::erase_if(promises, [&](const Promise& p) {
    // Near enough to become better than the best when it is polished.
    return money_of(p.candidate, p.size * 1.03) <= value();
  });
  pursue(std::move(promises), kPolishedARound, 0.02);
}

// The least size that is worth more than what was found.
double Search::size_needed(std::uint32_t candidate) const {
  double low = 0;
  double high = 2 * rough_.radius / shapes_[candidate].inner_radius();
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (money_of(candidate, middle) > value() ? high : low) = middle;
  }
  return high;
}

// Polishes the best promises and keeps what is better than the best so far.
void Search::pursue(std::vector<Promise> promises, std::size_t most, double step) {
  std::ranges::sort(promises, is_better);
  std::erase_if(promises, [&](const Promise& p) {
    return was_tried(p.candidate, {p.pose, p.size}, kSameHill);
  });
  if (promises.size() > most) promises.resize(most);
  std::vector<std::optional<Polished>> polished(promises.size());
  for_each_parallel(promises.size(), limits_.threads, [&](std::size_t i) {
    const std::uint32_t candidate = promises[i].candidate;
    polished[i] = polish(confines(candidate), shapes_[candidate], promises[i].pose, step,
                         size_needed(candidate));
  });
  for (std::size_t i = 0; i < promises.size(); ++i) {
    if (!polished[i]) continue;
    const bool is_new = !was_tried(promises[i].candidate, *polished[i], kSameTurn);
    tried_.emplace_back(promises[i].candidate, polished[i]->pose);
    if (is_new && money_of(promises[i].candidate, polished[i]->size) > value()) {
      learn_rows(promises[i], *polished[i]);
    }
  }
}

// A promising pose by the rows so far, against all of the rough: what stands in its way becomes
// rows, until nothing does.
void Search::learn_rows(const Promise& promise, const Polished& first) {
  const Shape& shape = shapes_[promise.candidate];
  std::optional<Polished> at = first;
  for (int again = 0; again < 6; ++again) {
    const std::size_t before = reaches_.rows().size();
    add_facets_before(shape, *at, 25);
    if (reaches_.rows().size() == before) break;
    at = polish(confines(promise.candidate), shape, at->pose, 0.005);
    if (!at || money_of(promise.candidate, at->size) <= value()) return;
  }
  const Room& room = rooms_[promise.candidate];
  if (is_convex(promise.candidate)) {
    at->size = largest_size(room, shape, at->pose);
  } else {
    const double in_hull = at->size * (1 - kViolated / shape.inner_radius());
    value_in_hull_ = std::max(value_in_hull_, money_of(promise.candidate, in_hull));
    if (limits_.dents != 0 && !rough_.is_convex) {
      if (const auto corner = deepest_corner(rough_, shape, at->pose, at->size)) add_dent(*corner);
    }
    const double clear = largest_size(room, shape, at->pose);
    if (best_ && money_of(promise.candidate, clear * kHopeful) <= value()) return;
    at = clear_of_surface(room, confines(promise.candidate), shape, *at);
  }
  adopt(promise.candidate, *at);
}

// Many promises are polished to one rotation: it is looked at once.
bool Search::was_tried(std::uint32_t candidate, const Polished& at, double apart) const {
  const bool may_be_elsewhere = !rooms_[candidate].avoided.empty();
  const std::uint32_t symmetry = shapes_[candidate].symmetry();
  return std::ranges::any_of(tried_, [&](const auto& tried) {
    const auto& [other, before] = tried;
    const bool is_elsewhere =
        may_be_elsewhere && length(before.place - at.pose.place) > kSamePlace * at.size;
    return candidate == other && !is_elsewhere &&
           is_same_turn(before.turn, at.pose.turn, symmetry, apart);
  });
}

// The facets of the hull that a stone pokes through most, apart from each other.
void Search::add_facets_before(const Shape& shape, const Polished& at, std::size_t most) {
  std::vector<std::pair<double, std::size_t>> violated;
  for (std::size_t i = 0; i < rough_.planes.size(); ++i) {
    const HullPlane& plane = rough_.planes[i];
    const double room =
        plane.reach - rough_.allowance - dot(plane.direction, at.pose.place) + kViolated * at.size;
    if (at.size < room) continue;  // no corner is further from its origin
    const double taken = at.size * shape.support(transposed_times(at.pose.turn, plane.direction));
    if (taken > room) violated.emplace_back(room - taken, i);
  }
  std::ranges::sort(violated);
  std::size_t added = 0;
  for (const auto& [over, i] : violated) {
    if (added == most || reaches_.rows().size() >= kMostRows) return;
    if (reaches_.add(rough_.planes[i], 0.015)) ++added;
  }
}

void Search::adopt(std::uint32_t candidate, const Polished& polished) {
  FixedPose pose = fixed(polished.pose);
  const Shape& shape = shapes_[candidate];
  const double size = largest_size(rooms_[candidate], shape, pose_of(pose)) - kSafety;
  if (size <= 0) return;
  pose.size = static_cast<std::uint64_t>(size * 1000);
  const auto weight = weight_below(shape.volume(), pose.size, gravity_);
  const Amount money = candidates_[candidate].prices.value(weight);
  if (money > value()) best_ = FoundStone{candidate, pose, weight, money};
}

std::vector<ProofCell> Search::proof_of(std::uint32_t candidate, const std::vector<double>& best,
                                        CandidateBound& bound) const {
  std::vector<ProofCell> out;
  double size = 0;
  std::vector<std::uint32_t> open;
  for (std::uint32_t root = kRoots; root-- > 0;) open.push_back(candidate * kRoots + root);
  while (!open.empty()) {
    const Node& node = nodes_[open.back()];
    const bool is_whole = node.part_count() == 0 || node.own <= best[open.back()];
    open.pop_back();
    ProofCell cell;
    if (is_whole) {
      cell.rows = node.rows;
      cell.weights = node.weights;
      size = std::max(size, node.own);
    } else {
      cell.kind = node.division;
      cell.edge = node.edge;
      for (std::size_t k = node.part_count(); k-- > 0;) {
        open.push_back(node.parts + static_cast<std::uint32_t>(k));
      }
    }
    out.push_back(cell);
  }
  bound.size = size_above(size);
  bound.weight = weight_above(volume(candidate), bound.size, gravity_);
  bound.value = candidates_[candidate].prices.most_up_to(bound.weight);
  return out;
}

SearchResult Search::finish() {
  // The bound of each cell: its own, or that of its parts where they are better. Parts come later.
  std::vector<double> best(nodes_.size());
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    double of_parts = 0;
    for (std::size_t k = 0; k < nodes_[i].part_count(); ++k) {
      of_parts = std::max(of_parts, best[nodes_[i].parts + k]);
    }
    best[i] = nodes_[i].part_count() == 0 ? nodes_[i].own : std::min(nodes_[i].own, of_parts);
  }
  SearchResult out;
  out.best = best_;
  out.cells = nodes_.size();
  out.reason = reason_;
  out.directions = reaches_.directions();
  for (const Obstacle& obstacle : obstacles_) out.obstacles.push_back(obstacle.source);
  for (std::uint32_t c = 0; c < candidates_.size(); ++c) {
    CandidateBound bound;
    out.proofs.push_back(proof_of(c, best, bound));
    out.bound = std::max(out.bound, bound.value);
    out.bounds.push_back(bound);
  }
  return out;
}

}  // namespace

Result<SearchResult> search(const Rough& rough, const std::vector<Candidate>& candidates,
                            SpecificGravity gravity, const SearchLimits& limits, const Watch& watch,
                            const Known& known) {
  if (candidates.empty() || candidates.size() > kMaxCandidates) {
    return refuse(Verdict::bad_value, "candidates");
  }
  for (const Candidate& candidate : candidates) {
    for (const std::uint16_t i : candidate.avoided) {
      if (i >= rough.inclusions.size()) return refuse(Verdict::bad_value, "an inclusion");
    }
  }
  return Search(rough, candidates, gravity, limits, watch, known).run();
}

}  // namespace intaglio::stone
