#include "reload/attach_stamp.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"

namespace phyllo::overlay {

extension attach_stamp::encode() const {
  extension e;
  e.type = type;
  core::wire_writer w(e.content);
  w.u64(made_ms);
  target.write(w);
  return e;
}

std::optional<attach_stamp> attach_stamp::of(const message_contents& m) {
  const auto e = std::ranges::find(m.extensions, type, &extension::type);
  if (e == m.extensions.end()) return std::nullopt;
  core::wire_reader r(e->content);
  attach_stamp out;
  out.made_ms = r.u64();
  out.target = destination::read(r);
  if (!r.done()) return std::nullopt;
  return out;
}

bool attach_book::take(const node_id& signer, std::uint64_t made_ms, std::uint64_t now_ms) {
  const auto apart = made_ms > now_ms ? made_ms - now_ms : now_ms - made_ms;
  if (apart > static_cast<std::uint64_t>(skew_max.count())) return false;
  const auto [latest, first] = latest_.try_emplace(signer, made_ms);
  if (!first && made_ms <= latest) return false;
  latest = made_ms;
  return true;
}

}  // namespace phyllo::overlay
