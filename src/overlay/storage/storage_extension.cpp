#include "storage/storage_extension.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "reload/node_list.hpp"

namespace phyllo::overlay {

extension replica_state::encode() const {
  extension e{.type = extension_type::replica_state, .critical = false, .content = {}};
  core::wire_writer w(e.content);
  w.u64(view);
  w.u8(holders);
  write_nodes(w, members);
  write_nodes(w, unsynced);
  return e;
}

core::result<replica_state> replica_state::decode(core::byte_view content) {
  core::wire_reader r(content);
  replica_state s;
  s.view = r.u64();
  s.holders = r.u8();
  s.members = read_nodes(r);
  s.unsynced = read_nodes(r);
  if (!r.done()) return core::fail(errc::invalid_message);
  return s;
}

std::optional<replica_state> replica_state::of(const message_contents& m) {
  const auto at = std::ranges::find(m.extensions, extension_type::replica_state, &extension::type);
  if (at == m.extensions.end()) return std::nullopt;
  auto state = decode(at->content);
  return state ? std::optional(std::move(*state)) : std::nullopt;
}

bool has_extension(const message_contents& m, std::uint16_t type) {
  return std::ranges::find(m.extensions, type, &extension::type) != m.extensions.end();
}

std::vector<extension> encode(const request_options& o) {
  std::vector<extension> list;
  if (o.view) {
    auto& e = list.emplace_back(extension{.type = extension_type::replica_view, .critical = true, .content = {}});
    core::wire_writer(e.content).u64(*o.view);
  }
  if (o.quorum) list.push_back({.type = extension_type::read_quorum, .critical = true, .content = {}});
  if (o.watch) {
    auto& e = list.emplace_back(extension{.type = extension_type::watch, .critical = false, .content = {}});
    core::wire_writer w(e.content);
    w.u32(static_cast<std::uint32_t>(o.watch->hold.count()));
    w.raw(o.watch->seen);
  }
  if (o.if_absent) list.push_back({.type = extension_type::store_condition, .critical = true, .content = {1}});
  return list;
}

namespace {

watch_request read_watch(core::wire_reader& r) {
  watch_request w;
  w.hold = std::chrono::milliseconds(r.u32());
  const auto seen = r.take(w.seen.size());
  std::ranges::copy(seen, w.seen.begin());
  return w;
}

// A condition that is none of ours can not be kept, so the request is not granted without it.
std::optional<std::uint16_t> read_condition(core::wire_reader& r, request_options& o) {
  constexpr std::uint8_t if_absent = 1;
  const auto condition = r.u8();
  if (!r.done()) return error_code::invalid_message;
  if (condition != if_absent) return error_code::unknown_extension;
  o.if_absent = true;
  return std::nullopt;
}

}  // namespace

std::expected<request_options, std::uint16_t> decode(const std::vector<extension>& extensions) {
  request_options o;
  for (const auto& e : extensions) {
    core::wire_reader r(e.content);
    switch (e.type) {
      case extension_type::replica_view: o.view = r.u64(); break;
      case extension_type::read_quorum: o.quorum = true; break;
      case extension_type::store_condition:
        if (const auto wrong = read_condition(r, o)) return std::unexpected(*wrong);
        break;
      case extension_type::watch: o.watch = read_watch(r); break;
      case extension_type::replica_state: continue;
      default:
        if (e.critical) return std::unexpected(error_code::unknown_extension);
        continue;
    }
    if (!r.done()) return std::unexpected(error_code::invalid_message);
  }
  return o;
}

}  // namespace phyllo::overlay
