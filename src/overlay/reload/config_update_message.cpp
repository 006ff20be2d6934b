#include "reload/config_update_message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t kinds_max = 64;

std::vector<std::string> read_kinds(core::wire_reader& r) {
  core::wire_reader list(r.opaque(3));
  std::vector<std::string> out;
  while (list.ok() && !list.empty()) {  // ends with the list
    out.emplace_back(core::as_text(list.opaque(2)));
    if (out.size() > kinds_max) list.fail();
  }
  if (!list.ok()) r.fail();
  return out;
}

}  // namespace

core::bytes config_update_request::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(static_cast<std::uint8_t>(type));
  const auto whole = w.open(4);
  if (type == config_update_type::config) {
    w.opaque(3, core::as_bytes(document));
  } else {
    const auto list = w.open(3);
    for (const auto& k : kinds) w.opaque(2, core::as_bytes(k));
    w.close(list);
  }
  w.close(whole);
  return out;
}

core::result<config_update_request> config_update_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  config_update_request c;
  c.type = static_cast<config_update_type>(r.u8());
  core::wire_reader data(r.opaque(4));
  switch (c.type) {
    case config_update_type::config: c.document = core::as_text(data.opaque(3)); break;
    case config_update_type::kind: c.kinds = read_kinds(data); break;
    default: r.fail();
  }
  if (!data.done() || !r.done()) return core::fail(errc::invalid_message, "ConfigUpdateReq");
  return c;
}

}  // namespace phyllo::overlay
