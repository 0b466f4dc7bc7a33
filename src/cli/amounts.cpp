#include "cli/amounts.h"

#include "codec/json.h"

namespace intaglio::cli {
namespace {

std::string with_sign(bool debit, std::string text) {
  return debit ? '-' + std::move(text) : std::move(text);
}

}  // namespace

Result<Amount> amount_from_text(std::string_view text, unsigned scale) {
  const auto bad = [&] {
    return refuse(Verdict::bad_value, "amount " + std::string(text.substr(0, 40)));
  };
  const std::size_t point = text.find('.');
  const bool has_point = point != std::string_view::npos;
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = has_point ? text.substr(point + 1) : std::string_view();
  const auto are_digits = [](std::string_view digits) {
    return digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (whole.empty() || !are_digits(whole) || !are_digits(decimals)) return bad();
  if (has_point && decimals.empty()) return bad();
  if (decimals.size() > scale) return bad();
  std::string digits(whole);
  digits += decimals;
  digits.append(scale - decimals.size(), '0');
  const auto value = codec::uint_from_digits(digits);
  if (!value) return refuse(Verdict::too_large, "amount");
  return Amount(*value);
}

std::string amount_text(Amount amount, unsigned scale) {
  std::string digits = std::to_string(amount.value());
  if (scale == 0) return digits;
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, 1, '.');
  return digits;
}

std::string signed_amount_text(SignedAmount amount, unsigned scale) {
  return with_sign(amount.debit, amount_text(amount.amount, scale));
}

std::string minor_units_text(SignedAmount amount) {
  return with_sign(amount.debit, std::to_string(amount.amount.value()));
}

Result<SignedAmount> signed_amount_from_minor_units(std::string_view text) {
  const bool debit = text.starts_with('-');
  const auto value = codec::uint_from_digits(debit ? text.substr(1) : text);
  if (!value || (debit && *value == 0)) return refuse(Verdict::bad_value, "amount");
  return SignedAmount{Amount(*value), debit};
}

std::optional<SignedAmount> add(SignedAmount a, SignedAmount b) {
  if (a.debit == b.debit) {
    const auto sum = add(a.amount, b.amount);
    if (!sum) return std::nullopt;
    return SignedAmount{*sum, a.debit};
  }
  if (a.amount < b.amount) std::swap(a, b);
  const Amount rest = *subtract(a.amount, b.amount);
  return SignedAmount{rest, a.debit && rest != Amount()};
}

}  // namespace intaglio::cli
