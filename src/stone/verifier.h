// Checks a plan against its rough, its prices and its proof, by code that shares nothing with the
// search but the readers of its inputs. Where whole numbers can decide they do; where they cannot,
// what is computed is known to far less than the margin that is asked for. Pure; any thread.
#pragma once

#include <map>

#include "stone/plan.h"

namespace intaglio::stone {

// The body of which a name says what it is, as the program's own families have it.
struct NamedBody {
  Digest hash;
  std::string shape;
  std::string cut_grade;
};

struct VerifiedBounds {
  std::size_t cells = 0;  // that were checked
  std::size_t leaves = 0;
};

// For plans of one rough: what all of them are compared with is looked at once. A view; what it is
// made from outlives it. One thread at a time. `prices` is empty for plans by weight.
class PlanVerifier {
 public:
  // `mesh_empty` for a rough without an inside.
  static Result<PlanVerifier> from(const Solid& rough, const std::vector<Inclusion>& inclusions,
                                   const PriceList* prices);

  // Shows that
  //   - rough, inclusions, price list, proof and designs are those that the plan names
  //     (`other_inputs`),
  //   - the stone lies in the rough, clear of every inclusion that it is not said to hold, the
  //     allowance kept, and weighs and is worth what it says,
  //   - what is named as a member of a family is that, with its shape and cut grade; other bodies
  //     have no grade, and whatever shape they are said to have,
  //   - each design was tried at every clarity that holding inclusions may cost it,
  //   - its cells cover all rotations, and where obstacles bound it all places; none is larger than
  //     its bound, and the bounds of weight and value follow,
  //   - ranges of proportions are each bounded by a core that all their members hold, and cover
  //     those that the plan is to choose from.
  // Refuses with `plan_refuted` and what does not hold.
  // It holds for the allowance, specific gravity and designs that the plan names: who shows the
  // answer shows them too.
  Result<VerifiedBounds> verify(const Plan& plan, ByteView proof);

 private:
  PlanVerifier(const Solid& rough, const std::vector<Inclusion>& inclusions,
               const PriceList* prices)
      : rough_(rough), inclusions_(inclusions), prices_(prices) {}
  Result<void> check_inputs(const Plan& plan, ByteView proof) const;
  Result<void> check_name(const PlanDesign& said);

  const Solid& rough_;
  const std::vector<Inclusion>& inclusions_;
  const PriceList* prices_;
  Digest rough_hash_;
  std::optional<Digest> inclusions_hash_;  // of some
  std::optional<Digest> prices_hash_;
  Wide volume_six_ = 0;
  bool is_convex_ = false;
  std::map<std::string, NamedBody> named_;  // that were looked at
};

// Of one plan.
Result<VerifiedBounds> verify_plan(const Plan& plan, ByteView proof, const Solid& rough,
                                   const std::vector<Inclusion>& inclusions,
                                   const PriceList* prices);

}  // namespace intaglio::stone
