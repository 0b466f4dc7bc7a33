#include "pki/capabilities.h"

#include <functional>

namespace intaglio::pki {

namespace {

// Each item is named once and in its place; `key` is what they are sorted by.
template <typename T, typename Key>
Result<void> check_list(const std::vector<T>& items, const char* name, Key key) {
  if (items.size() > kMaxCapabilityItems) return refuse(Verdict::too_large, name);
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (std::invoke(key, items[i - 1]) >= std::invoke(key, items[i])) {
      return refuse(Verdict::bad_value, std::string(name) + '[' + std::to_string(i) + ']');
    }
  }
  return {};
}

template <typename T, typename Key>
Result<void> check_list(const std::optional<std::vector<T>>& items, const char* name, Key key) {
  if (!items) return {};
  if (items->empty()) return refuse(Verdict::bad_value, name);
  return check_list(*items, name, key);
}

bool is_cell(std::string_view text) {
  constexpr std::string_view kAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  return !text.empty() && text.size() <= kMaxCell &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

bool within(const std::vector<Ceiling>& ceilings, const Money& money) {
  for (const Ceiling& ceiling : ceilings) {
    if (ceiling.asset == money.asset) return money.amount <= ceiling.largest;
  }
  return false;
}

}  // namespace

Result<void> check(const Capabilities& capabilities) {
  TRY(check_list(capabilities.functions, "functions", std::identity()));
  TRY(check_list(capabilities.ceilings, "ceilings", &Ceiling::asset));
  TRY(check_list(capabilities.categories, "categories", std::identity()));
  TRY(check_list(capabilities.offline, "offline", &Ceiling::asset));
  TRY(check_list(capabilities.places, "places", std::identity()));
  constexpr MerchantCategory kLargest{9999};
  if (capabilities.categories && capabilities.categories->back() > kLargest) {
    return refuse(Verdict::bad_value, "categories");
  }
  if (capabilities.places && !std::ranges::all_of(*capabilities.places, is_cell)) {
    return refuse(Verdict::bad_value, "places");
  }
  return {};
}

Bytes encode_capabilities(const Capabilities& capabilities) {
  return codec::encode_record(capabilities);
}

Result<Capabilities> decode_capabilities(ByteView bytes) {
  ASSIGN(auto capabilities, codec::decode_record<Capabilities>(bytes));
  TRY(check(capabilities));
  return capabilities;
}

bool allows(const Capabilities& capabilities, Function function) {
  return std::ranges::find(capabilities.functions, function) != capabilities.functions.end();
}

bool allows(const Capabilities& capabilities, Function function, const Money& money) {
  return allows(capabilities, function) && within(capabilities.ceilings, money);
}

Result<void> permit(const Capabilities& capabilities, const CapabilityUse& use) {
  const auto refused = [](const char* bound) { return refuse(Verdict::not_capable, bound); };
  if (capabilities.expires_at && use.at >= *capabilities.expires_at) return refused("expires_at");
  if (!allows(capabilities, use.function)) return refused("functions");
  if (use.money && !within(capabilities.ceilings, *use.money)) return refused("ceilings");
  if (capabilities.categories &&
      (!use.category || std::ranges::find(*capabilities.categories, *use.category) ==
                            capabilities.categories->end())) {
    return refused("categories");
  }
  if (use.offline &&
      (!capabilities.offline || (use.money && !within(*capabilities.offline, *use.money)))) {
    return refused("offline");
  }
  if (!capabilities.places) return {};
  const bool inside = use.place && is_cell(*use.place) &&
                      std::ranges::any_of(*capabilities.places, [&](const std::string& cell) {
                        return use.place->starts_with(cell);
                      });
  if (!inside) return refused("places");
  return {};
}

}  // namespace intaglio::pki
