#include "base/check.h"
#include "cli/config.h"

// Any text is a configuration or a refusal that names its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto settings = intaglio::cli::parse_config(intaglio::as_text({data, size}));
  if (settings) {
    CHECK(intaglio::cli::check(*settings).has_value());
  } else {
    CHECK(size > intaglio::cli::kMaxConfig || !settings.error().where.empty());
  }
  return 0;
}
