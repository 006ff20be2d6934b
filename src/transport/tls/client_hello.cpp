#include "tls/client_hello.hpp"

#include <cstdint>
#include <optional>

#include "phyllo/core/wire.hpp"
#include "tls/tls_context.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t record_header = 5;
constexpr std::uint8_t client_hello = 1;
constexpr std::size_t version_and_random = 34;
constexpr std::uint16_t alpn_extension = 16;

// Nullopt: there are none; a view that is empty: ALPN is not among them.
std::optional<core::byte_view> offered_alpn(core::byte_view record) noexcept {
  core::wire_reader r(record);
  static_cast<void>(r.take(record_header));
  if (r.u8() != client_hello) return std::nullopt;
  core::wire_reader hello(r.opaque(3));
  static_cast<void>(hello.take(version_and_random));
  for (const unsigned width : {1U, 2U, 1U}) static_cast<void>(hello.opaque(width));  // session, cipher suites, compression
  if (!r.ok() || !hello.ok()) return std::nullopt;
  core::wire_reader extensions(hello.opaque(2));
  while (extensions.ok() && !extensions.empty()) {  // each turn takes four bytes
    const auto type = extensions.u16();
    core::wire_reader content(extensions.opaque(2));
    if (type == alpn_extension) return content.opaque(2);
  }
  return core::byte_view();
}

}  // namespace

bool asks_for_link(core::byte_view record, bool by_default) noexcept {
  const auto alpn = offered_alpn(record);
  if (!alpn) return false;
  core::wire_reader names(*alpn);
  while (names.ok() && !names.empty()) {  // each turn takes a byte at least
    const auto name = core::as_text(names.opaque(1));
    if (name == alpn_reload || name == alpn_move) return true;
  }
  return alpn->empty() && by_default;
}

}  // namespace phyllo::transport
