// Records: structs whose fields are listed once. From that one list come the deterministic CBOR (a
// map with small integer keys), the JSON (an object by names), the text form of scenarios and the
// command line, and the tables in docs/reference. A record looks like this:
//
//   struct Transfer {
//     Address to;
//     Amount amount;
//     std::optional<std::string> memo;
//     static constexpr auto fields() {
//       return std::tuple(field(1, "to", &Transfer::to, "the payee's address"),
//                         field(2, "amount", &Transfer::amount, "in minor units"),
//                         field(3, "memo", &Transfer::memo, "for people; not interpreted"));
//     }
//   };
//
// Every field is required unless it is a std::optional, which is left out when empty. Unknown keys
// are refused. How one type of field is written is FieldType<M>, below and beside the types.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/amount.h"
#include "codec/address.h"
#include "codec/base64url.h"
#include "codec/cbor.h"
#include "codec/hex.h"
#include "codec/json.h"

namespace intaglio::codec {

template <typename T, typename M>
struct Field {
  std::uint64_t key;      // in CBOR; ascending in the list
  std::string_view name;  // in JSON and text
  M T::* member;
  std::string_view doc;  // half a sentence, for docs/reference
};

template <typename T, typename M>
constexpr Field<T, M> field(std::uint64_t key, std::string_view name, M T::* member,
                            std::string_view doc) {
  return {key, name, member, doc};
}

template <typename T>
concept Record = requires { T::fields(); };

// kName, write, read, to_json, from_json for one type of field. from_json takes text wherever a
// person could type one ("1250" for an amount), so that it serves scenarios and flags too.
template <typename M>
struct FieldType;

inline constexpr std::size_t kMaxTextField = 512;  // bytes of UTF-8
inline constexpr std::size_t kMaxBytesField = 16 * 1024;
inline constexpr std::size_t kMaxItemsField = 1024;

// Digits of a 64-bit unsigned integer, or a JSON integer that is not negative.
Result<std::uint64_t> uint_from_json(const Json& json, std::uint64_t max = UINT64_MAX);
Result<Bytes> bytes_from_json(const Json& json);  // hex text
Result<std::string> text_from_json(const Json& json);

template <typename Tag, typename Int>
struct FieldType<StrongInt<Tag, Int>> {
  using Value = StrongInt<Tag, Int>;
  static constexpr bool kIsAmount = std::same_as<Value, Amount>;
  static constexpr std::string_view kName = kIsAmount ? "amount (digits)" : "integer";
  static void write(CborWriter& out, Value value) { out.uint(value.value()); }
  static Result<Value> read(CborReader& in) {
    ASSIGN(const auto value, in.uint());
    if (value > std::numeric_limits<Int>::max()) return refuse(Verdict::bad_value);
    return Value(static_cast<Int>(value));
  }
  static Json to_json(Value value) {
    if constexpr (kIsAmount) return std::to_string(value.value());
    return Json(value.value());
  }
  static Result<Value> from_json(const Json& json) {
    ASSIGN(const auto value, uint_from_json(json, std::numeric_limits<Int>::max()));
    return Value(static_cast<Int>(value));
  }
};

template <std::unsigned_integral Int>
  requires(!std::same_as<Int, bool>)
struct FieldType<Int> {
  static constexpr std::string_view kName = "integer";
  static void write(CborWriter& out, Int value) { out.uint(value); }
  static Result<Int> read(CborReader& in) {
    ASSIGN(const auto value, in.uint());
    if (value > std::numeric_limits<Int>::max()) return refuse(Verdict::bad_value);
    return static_cast<Int>(value);
  }
  static Json to_json(Int value) { return Json(value); }
  static Result<Int> from_json(const Json& json) {
    ASSIGN(const auto value, uint_from_json(json, std::numeric_limits<Int>::max()));
    return static_cast<Int>(value);
  }
};

template <>
struct FieldType<bool> {
  static constexpr std::string_view kName = "boolean";
  static void write(CborWriter& out, bool value) { out.boolean(value); }
  static Result<bool> read(CborReader& in) { return in.boolean(); }
  static Json to_json(bool value) { return Json(value); }
  static Result<bool> from_json(const Json& json);
};

template <typename Tag, std::size_t N>
struct FieldType<FixedBytes<Tag, N>> {
  using Value = FixedBytes<Tag, N>;
  static constexpr std::string_view kName = "bytes (hex)";
  static void write(CborWriter& out, const Value& value) { out.bytes(value.view()); }
  static Result<Value> read(CborReader& in) {
    ASSIGN(const auto bytes, in.bytes());
    const auto value = Value::from(bytes);
    if (!value) return refuse(Verdict::bad_value, "length");
    return *value;
  }
  static Json to_json(const Value& value) { return to_hex(value); }
  static Result<Value> from_json(const Json& json) {
    ASSIGN(const auto bytes, bytes_from_json(json));
    const auto value = Value::from(bytes);
    if (!value) return refuse(Verdict::bad_value, "length");
    return *value;
  }
};

template <>
struct FieldType<Bytes> {
  static constexpr std::string_view kName = "bytes (hex)";
  static void write(CborWriter& out, const Bytes& value) { out.bytes(value); }
  static Result<Bytes> read(CborReader& in);
  static Json to_json(const Bytes& value) { return to_hex(value); }
  static Result<Bytes> from_json(const Json& json) { return bytes_from_json(json); }
};

template <>
struct FieldType<std::string> {
  static constexpr std::string_view kName = "text";
  static void write(CborWriter& out, const std::string& value) { out.text(value); }
  static Result<std::string> read(CborReader& in);
  static Json to_json(const std::string& value) { return value; }
  static Result<std::string> from_json(const Json& json) { return text_from_json(json); }
};

template <>
struct FieldType<Address> {
  static constexpr std::string_view kName = "address";
  static void write(CborWriter& out, const Address& value);
  static Result<Address> read(CborReader& in);
  static Json to_json(const Address& value) { return to_text(value); }
  static Result<Address> from_json(const Json& json);
};

template <typename M>
struct FieldType<std::vector<M>> {
  static constexpr std::string_view kName = "list";
  static void write(CborWriter& out, const std::vector<M>& items) {
    out.array(items.size());
    for (const M& item : items) FieldType<M>::write(out, item);
  }
  static Result<std::vector<M>> read(CborReader& in) {
    ASSIGN(const auto count, in.array());
    if (count > kMaxItemsField) return refuse(Verdict::too_large);
    std::vector<M> items;
    for (std::size_t i = 0; i < count; ++i) {
      auto item = FieldType<M>::read(in);
      if (!item) return refuse_within('[' + std::to_string(i) + ']', item.error());
      items.push_back(*std::move(item));
    }
    return items;
  }
  static Json to_json(const std::vector<M>& items) {
    Json::Array out;
    for (const M& item : items) out.push_back(FieldType<M>::to_json(item));
    return out;
  }
  static Result<std::vector<M>> from_json(const Json& json) {
    const auto* list = json.items();
    if (list == nullptr) return refuse(Verdict::bad_value);
    if (list->size() > kMaxItemsField) return refuse(Verdict::too_large);
    std::vector<M> items;
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto item = FieldType<M>::from_json((*list)[i]);
      if (!item) return refuse_within('[' + std::to_string(i) + ']', item.error());
      items.push_back(*std::move(item));
    }
    return items;
  }
};

// An enum whose values have names: specialise with  static constexpr std::pair<E, std::string_view>
// kNames[].
template <typename E>
struct EnumNames;

template <typename E>
concept NamedEnum = std::is_enum_v<E> && requires { EnumNames<E>::kNames; };

template <NamedEnum E>
std::string_view enum_name(E value) {
  for (const auto& [named, name] : EnumNames<E>::kNames) {
    if (named == value) return name;
  }
  return "unknown";
}

template <NamedEnum E>
Result<E> enum_from_name(std::string_view text) {
  for (const auto& [value, name] : EnumNames<E>::kNames) {
    if (name == text) return value;
  }
  return refuse(Verdict::bad_value, std::string(text.substr(0, 40)));
}

template <NamedEnum E>
struct FieldType<E> {
  static constexpr std::string_view kName = "name";
  static void write(CborWriter& out, E value) { out.uint(static_cast<std::uint64_t>(value)); }
  static Result<E> read(CborReader& in) {
    ASSIGN(const auto number, in.uint());
    for (const auto& [value, name] : EnumNames<E>::kNames) {
      if (static_cast<std::uint64_t>(value) == number) return value;
    }
    return refuse(Verdict::bad_value);
  }
  static Json to_json(E value) { return enum_name(value); }
  static Result<E> from_json(const Json& json) {
    ASSIGN(const auto text, text_from_json(json));
    return enum_from_name<E>(text);
  }
};

template <typename M>
inline constexpr bool kIsOptional = false;
template <typename M>
inline constexpr bool kIsOptional<std::optional<M>> = true;

template <typename M>
struct Required {
  using Type = M;
};
template <typename M>
struct Required<std::optional<M>> {
  using Type = M;
};

// Calls visit(field) for each field of T, in order.
template <Record T, typename Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, T::fields());
}

template <Record T>
void write_record(CborWriter& out, const T& record) {
  std::size_t present = 0;
  for_each_field<T>([&](const auto& f) {
    if constexpr (kIsOptional<std::remove_cvref_t<decltype(record.*f.member)>>) {
      if (!(record.*f.member).has_value()) return;
    }
    ++present;
  });
  out.map(present);
  for_each_field<T>([&](const auto& f) {
    using M = std::remove_cvref_t<decltype(record.*f.member)>;
    if constexpr (kIsOptional<M>) {
      if (!(record.*f.member).has_value()) return;
      out.uint(f.key);
      FieldType<typename Required<M>::Type>::write(out, *(record.*f.member));
    } else {
      out.uint(f.key);
      FieldType<M>::write(out, record.*f.member);
    }
  });
}

template <Record T>
Bytes encode_record(const T& record) {
  CborWriter out;
  write_record(out, record);
  return out.take();
}

template <Record T>
Result<T> read_record(CborReader& in) {
  ASSIGN(std::size_t left, in.map());
  T record{};
  std::optional<std::uint64_t> key;
  std::optional<Refusal> refusal;
  const auto next_key = [&]() -> Result<void> {
    key.reset();
    if (left == 0) return {};
    --left;
    ASSIGN(const auto number, in.uint());
    key = number;
    return {};
  };
  TRY(next_key());
  for_each_field<T>([&](const auto& f) {
    using M = std::remove_cvref_t<decltype(record.*f.member)>;
    if (refusal) return;
    if (key != f.key) {
      if constexpr (!kIsOptional<M>) {
        refusal = Refusal{Verdict::missing_field, std::string(f.name)};
      }
      return;
    }
    auto value = FieldType<typename Required<M>::Type>::read(in);
    if (!value) {
      refusal = refuse_within(std::string(f.name), value.error()).error();
      return;
    }
    record.*f.member = *std::move(value);
    if (auto next = next_key(); !next) refusal = next.error();
  });
  // Keys ascend, so a key that no field took is one we do not know.
  if (key && (!refusal || refusal->verdict == Verdict::missing_field)) {
    bool known = false;
    for_each_field<T>([&](const auto& f) { known = known || f.key == *key; });
    if (!known) return refuse(Verdict::unknown_field, std::to_string(*key));
  }
  if (refusal) return std::unexpected(*refusal);
  return record;
}

template <Record T>
Result<T> decode_record(ByteView bytes, CborLimits limits = {}) {
  CborReader in(bytes, limits);
  ASSIGN(auto record, read_record<T>(in));
  TRY(in.finish());
  return record;
}

template <Record T>
Json record_to_json(const T& record) {
  Json out = Json::object();
  for_each_field<T>([&](const auto& f) {
    using M = std::remove_cvref_t<decltype(record.*f.member)>;
    if constexpr (kIsOptional<M>) {
      if ((record.*f.member).has_value()) {
        out.set(std::string(f.name),
                FieldType<typename Required<M>::Type>::to_json(*(record.*f.member)));
      }
    } else {
      out.set(std::string(f.name), FieldType<M>::to_json(record.*f.member));
    }
  });
  return out;
}

template <Record T>
Result<T> record_from_json(const Json& json) {
  if (json.members() == nullptr) return refuse(Verdict::bad_value, "not an object");
  T record{};
  std::optional<Refusal> refusal;
  for_each_field<T>([&](const auto& f) {
    using M = std::remove_cvref_t<decltype(record.*f.member)>;
    if (refusal) return;
    const Json* member = json.find(f.name);
    if (member == nullptr) {
      if constexpr (!kIsOptional<M>) {
        refusal = Refusal{Verdict::missing_field, std::string(f.name)};
      }
      return;
    }
    auto value = FieldType<typename Required<M>::Type>::from_json(*member);
    if (!value) {
      refusal = refuse_within(std::string(f.name), value.error()).error();
      return;
    }
    record.*f.member = *std::move(value);
  });
  if (refusal) return std::unexpected(*refusal);
  for (const auto& [name, value] : *json.members()) {
    bool known = false;
    for_each_field<T>([&](const auto& f) { known = known || f.name == name; });
    if (!known) return refuse(Verdict::unknown_field, name.substr(0, 40));
  }
  return record;
}

// A record inside a record.
template <Record T>
struct FieldType<T> {
  static constexpr std::string_view kName = "record";
  static void write(CborWriter& out, const T& record) { write_record(out, record); }
  static Result<T> read(CborReader& in) { return read_record<T>(in); }
  static Json to_json(const T& record) { return record_to_json(record); }
  static Result<T> from_json(const Json& json) { return record_from_json<T>(json); }
};

// One row of a record's table in docs/reference.
struct FieldDoc {
  std::uint64_t key;
  std::string_view name;
  std::string_view type;
  bool required;
  std::string_view doc;
};

template <Record T>
std::vector<FieldDoc> field_docs() {
  std::vector<FieldDoc> out;
  for_each_field<T>([&]<typename M>(const Field<T, M>& f) {
    out.push_back(
        {f.key, f.name, FieldType<typename Required<M>::Type>::kName, !kIsOptional<M>, f.doc});
  });
  return out;
}

}  // namespace intaglio::codec
