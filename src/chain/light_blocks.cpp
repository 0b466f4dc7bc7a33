#include "chain/light_blocks.h"

#include <charconv>

#include "base/check.h"
#include "base/format.h"
#include "base/log.h"

namespace intaglio::chain {

namespace {

Result<void> check(const proof::LightBlock& block, Height height, const std::string& chain) {
  if (block.header.height != height || block.header.chain != chain) {
    return refuse(Verdict::bad_value, format("light block {}", height.value()));
  }
  return proof::verify_commit(block.header, block.commit, block.validators);
}

}  // namespace

std::string note_of(std::string_view prefix, Height height) {
  return format("{}{:016x}", prefix, height.value());
}

Height height_of_note(std::string_view name) {
  constexpr std::size_t kDigits = 16;
  CHECK(name.size() >= kDigits);
  const std::string_view digits = name.substr(name.size() - kDigits);
  Height::Value value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  CHECK(read.ec == std::errc() && read.ptr == digits.data() + digits.size());
  return Height(value);
}

std::vector<Height> LightBlocks::heights(std::string_view prefix) const {
  std::vector<Height> out;
  for (const std::string& each : store_.notes(prefix)) out.push_back(height_of_note(each));
  return out;
}

std::vector<store::Note> LightBlocks::wanted_after(Height changed) {
  const Height announced = changed.next();
  return {{note_of(kWanted, announced), {}}, {note_of(kWanted, announced.next()), {}}};
}

Result<proof::LightBlock> LightBlocks::ask(Height height) const {
  if (!source_) return refuse(Verdict::unreachable, "CometBFT");
  return source_(height);
}

Result<proof::LightBlock> LightBlocks::at(Height height) const {
  if (const auto note = store_.note(note_of(kKept, height))) {
    auto block = proof::decode_light_block(*note);
    CHECK(block.has_value());
    return block;
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = remembered_.find(height); found != remembered_.end()) {
      return found->second;
    }
  }
  auto block = ask(height);
  if (!block) return block;
  const std::lock_guard lock(mutex_);
  // What is proven most is new.
  if (remembered_.size() >= kRemembered) remembered_.erase(remembered_.begin());
  remembered_.insert_or_assign(height, *block);
  return block;
}

void LightBlocks::keep(const proof::LightBlock& block) {
  const Height height = block.header.height;
  const std::string name = note_of(kKept, height);
  if (!store_.note(name)) store_.put_note(name, proof::encode_light_block(block));
  if (store_.note(note_of(kWanted, height))) store_.erase_note(note_of(kWanted, height));
}

Result<void> LightBlocks::fetch(Height tip) {
  Result<void> out;
  for (const Height each : wanted()) {
    // The votes that count stand in the next one.
    if (tip <= each) break;
    const auto block = ask(each);
    if (!block && block.error().verdict == Verdict::unknown_block) {
      log::warning(
          "{}: CometBFT does not have the header of block {} any more, by which the votes "
          "of its validators lead to those of others",
          comet_chain_, each.value());
      store_.erase_note(note_of(kWanted, each));
      continue;
    }
    const auto checked =
        block ? check(*block, each, comet_chain_) : Result<void>(std::unexpected(block.error()));
    if (checked) {
      keep(*block);
    } else if (out) {
      out = checked;  // others may be there all the same
    }
  }
  return out;
}

}  // namespace intaglio::chain
