// backup: a node's whole data folder in one file, and back.
#include <algorithm>

#include "cli/commands.h"
#include "cli/texts.h"
#include "service/backup.h"

namespace intaglio::cli {
namespace {

using codec::Json;

std::uint64_t bytes_in(const service::BackupManifest& manifest) {
  std::uint64_t out = 0;
  for (const auto& file : manifest.files) out += file.size;
  return out;
}

void say(const service::BackedUp& backup, Output& output) {
  const auto& manifest = backup.manifest;
  output.say("  ledger  {}", codec::to_hex(manifest.ledger));
  output.say("  made    {}", time_text(manifest.made_at));
  for (const auto& each : manifest.chains) {
    output.say("  up to   block {} of chain {}", each.height.value(), each.chain.value());
  }
  output.say("  files   {}, {} bytes", manifest.files.size(), bytes_in(manifest));
  output.say("  digest  {}", codec::to_hex(backup.digest));
  Json::Array chains;
  for (const auto& each : manifest.chains) chains.push_back(codec::record_to_json(each));
  Json::Array files;
  for (const auto& each : manifest.files) files.push_back(codec::record_to_json(each));
  output.result(Json::object({{"ledger", codec::to_hex(manifest.ledger)},
                              {"made_at", manifest.made_at.value()},
                              {"chains", std::move(chains)},
                              {"files", std::move(files)},
                              {"digest", codec::to_hex(backup.digest)}}));
}

Result<void> backup_make(const Arguments& arguments, Output& output) {
  const std::string& out = arguments.text("out");
  ASSIGN(const auto made, service::make_backup(arguments.text("data"), out, system_env()));
  output.say("backup in {}", out);
  say(made, output);
  for (const std::string& each : made.left_out) output.say("left out, no part of a node: {}", each);
  const bool has_root = std::ranges::any_of(
      made.manifest.files, [](const auto& file) { return file.path == "keys/root.key"; });
  const bool by_comet = std::ranges::any_of(
      made.manifest.files, [](const auto& file) { return file.path.starts_with("comet-"); });
  if (by_comet) {
    output.line("Its validators' keys are not in it: a restored node votes with new ones.");
  }
  if (has_root) output.line("keys/root.key is in it, which belongs on another machine.");
  return {};
}

Result<void> backup_show(const Arguments& arguments, Output& output) {
  const std::string& file = arguments.text("FILE");
  ASSIGN(const auto found, service::check_backup(file));
  output.say("{} is whole", file);
  say(found, output);
  return {};
}

Result<void> backup_restore(const Arguments& arguments, Output& output) {
  const std::string& data = arguments.text("data");
  ASSIGN(const auto restored, service::restore_backup(arguments.text("FILE"), data, system_env()));
  output.say("{} is as it was at {}", data, time_text(restored.backup.manifest.made_at));
  say(restored.backup, output);
  output.line("What came after that is not in it.");
  if (restored.validators.empty()) {
    output.line("Next: intaglio serve --data " + data);
    return {};
  }
  for (std::size_t chain = 0; chain < restored.validators.size(); ++chain) {
    output.say("  chain {}: its validator's key is {}", chain,
               codec::to_hex(restored.validators[chain].view()));
  }
  output.line("They vote for nothing yet: intaglio chain validators N --add NODE=KEY");
  return {};
}

}  // namespace

std::vector<Command> backup_commands() {
  const Option file{OptionKind::positional, "FILE", "FILE", "the backup", true};
  return {
      {"backup make",
       "put a node's whole folder into one file",
       "Of a node that is not running. Keys are in it as they are in the folder: encrypted under "
       "the passphrase, which is not in it, or in their token or TPM, of which it has the name "
       "alone. The keys that CometBFT votes with are plain files, and left out; by the one that "
       "stays in, plain, peers know its node.",
       {{OptionKind::value, "data", "DIR", "the node's folder", true},
        {OptionKind::value, "out", "FILE", "a new file", true}},
       {"intaglio backup make --data /srv/intaglio --out /media/stick/monday.backup"},
       backup_make},
      {"backup show",
       "read all of a backup and say whether it is whole",
       "Needs no passphrase. Every backup with this digest is the same, byte for byte.",
       {file},
       {"intaglio backup show /media/stick/monday.backup"},
       backup_show},
      {"backup restore",
       "make a node's folder of a backup",
       "The folder is there when every byte was found to be right, and not before. Only the newest "
       "backup is worth restoring, and the node that it is of must not run any more: "
       "docs/authority.md. Where CometBFT orders its chains, its validators have new keys, for the "
       "authority to name: docs/network.md.",
       {file, {OptionKind::value, "data", "DIR", "a new folder", true}},
       {"intaglio backup restore /media/stick/monday.backup --data /srv/intaglio"},
       backup_restore},
  };
}

}  // namespace intaglio::cli
