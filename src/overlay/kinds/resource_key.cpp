#include "kinds/resource_key.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/utf8.hpp"

namespace phyllo::overlay {
namespace {
constexpr std::size_t subject_max = 1023;
}

core::bytes resource_key::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(static_cast<std::uint8_t>(form));
  w.raw(binding);
  w.opaque(1, core::as_bytes(name.type));
  w.opaque(2, core::as_bytes(name.subject));
  return out;
}

core::result<resource_key> resource_key::decode(core::byte_view key) {
  core::wire_reader r(key);
  const auto form = r.u8();
  const auto bound = r.take(16);
  const auto type = core::as_text(r.opaque(1));
  const auto subject = core::as_text(r.opaque(2));
  if (!r.done() || (form != 1 && form != 2)) return core::fail(errc::invalid_message);
  if (type.empty() || subject.empty() || subject.size() > subject_max) return core::fail(errc::invalid_message);
  if (!plain_utf8(type) || !plain_utf8(subject) || type.find(':') != std::string_view::npos) return core::fail(errc::invalid_message);
  resource_key k;
  k.form = static_cast<key_form>(form);
  std::ranges::copy(bound, k.binding.begin());
  k.name.type = type;
  k.name.subject = subject;
  return k;
}

}  // namespace phyllo::overlay
