#include "storage_extension.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {
namespace {

void write_nodes(core::wire_writer& w, const std::vector<node_id>& nodes) {
  const auto m = w.open(2);
  for (const auto& n : nodes) w.raw(n.octets);
  w.close(m);
}

std::vector<node_id> read_nodes(core::wire_reader& r) {
  core::wire_reader list(r.opaque(2));
  std::vector<node_id> nodes;
  while (!list.empty()) nodes.push_back(read_node(list));
  if (!list.ok()) r.fail();
  return nodes;
}

errc to_errc(std::uint16_t code) {
  switch (code) {
    case reload_error::forbidden: return errc::forbidden;
    case reload_error::not_found: return errc::not_found;
    case reload_error::request_timeout: return errc::timed_out;
    case reload_error::generation_counter_too_low: return errc::generation;
    case reload_error::data_too_large: return errc::quota_exceeded;
    case reload_error::data_too_old: return errc::data_too_old;
    case reload_error::unknown_kind: return errc::unknown_kind;
    case reload_error::config_too_old:
    case reload_error::config_too_new: return errc::configuration;
    case reload_error::invalid_message: return errc::invalid_message;
    default: return errc::refused;
  }
}

}  // namespace

extension replica_state::encode() const {
  extension e{.type = extension_type::replica_state, .critical = false, .content = {}};
  core::wire_writer w(e.content);
  w.u64(view);
  w.u8(holders);
  write_nodes(w, members);
  write_nodes(w, unsynced);
  return e;
}

std::optional<replica_state> replica_state::decode(core::byte_view content) {
  core::wire_reader r(content);
  replica_state s;
  s.view = r.u64();
  s.holders = r.u8();
  s.members = read_nodes(r);
  s.unsynced = read_nodes(r);
  if (!r.done()) return std::nullopt;
  return s;
}

std::optional<replica_state> replica_state::of(const message_contents& m) {
  const auto at = std::ranges::find(m.extensions, extension_type::replica_state, &extension::type);
  if (at == m.extensions.end()) return std::nullopt;
  return decode(at->content);
}

std::vector<extension> encode(const request_options& o) {
  std::vector<extension> list;
  if (o.view) {
    auto& e = list.emplace_back(extension{.type = extension_type::replica_view, .critical = true, .content = {}});
    core::wire_writer(e.content).u64(*o.view);
  }
  if (o.quorum) list.push_back({.type = extension_type::read_quorum, .critical = true, .content = {}});
  if (o.if_absent) list.push_back({.type = extension_type::store_condition, .critical = true, .content = {1}});
  return list;
}

std::expected<request_options, std::uint16_t> decode(const std::vector<extension>& extensions) {
  request_options o;
  for (const auto& e : extensions) {
    core::wire_reader r(e.content);
    switch (e.type) {
      case extension_type::replica_view: o.view = r.u64(); break;
      case extension_type::read_quorum: o.quorum = true; break;
      case extension_type::store_condition: o.if_absent = r.u8() == 1; break;
      case extension_type::replica_state: continue;
      default:
        if (e.critical) return std::unexpected(reload_error::unknown_extension);
        continue;
    }
    if (!r.done()) return std::unexpected(reload_error::invalid_message);
  }
  return o;
}

std::optional<error_response> error_response::of(const message_contents& m) {
  if (m.code != message_code::error) return std::nullopt;
  core::wire_reader r(m.body);
  error_response e;
  e.code = r.u16();
  e.info = core::to_bytes(r.opaque(2));
  if (!r.done()) e.code = reload_error::invalid_message;
  return e;
}

message_contents make_error(std::uint16_t code, core::byte_view info) {
  message_contents m;
  m.code = message_code::error;
  core::wire_writer w(m.body);
  w.u16(code);
  w.opaque(2, info);
  return m;
}

message_contents make_error(std::uint16_t code, std::string_view info) { return make_error(code, core::as_bytes(info)); }

core::error to_error(const error_response& e) {
  const auto code = to_errc(e.code);
  std::string detail;
  // Another node's words: only what prints, and not all of it.
  for (const auto b : e.info) {
    if (detail.size() >= 120) break;
    if (b >= 0x20 && b < 0x7f) detail.push_back(static_cast<char>(b));
  }
  if (code == errc::refused) detail = "RELOAD error " + std::to_string(e.code) + (detail.empty() ? "" : ": " + detail);
  return core::error(code, std::move(detail));
}

}  // namespace phyllo::overlay
