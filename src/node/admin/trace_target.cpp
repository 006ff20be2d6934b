#include "phyllo/node/trace_target.hpp"

#include <fmt/format.h>

namespace phyllo::node {

core::result<trace_target> trace_target::parse(const std::string& text) {
  if (const auto key = identity::node_id::from_hex(text)) return trace_target{key->hex(), *key};
  const auto name = overlay::name::parse(text);
  if (name) return trace_target{name->text(), name->key()};
  return core::fail(errc::usage, fmt::format("expected [type:]user@domain, or a key of 32 hex digits, not \"{}\"", text));
}

}  // namespace phyllo::node
