#include "peer/held_document.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"
#include "reload/config_update_message.hpp"
#include "reload/message_codes.hpp"
#include "reload/revocation_message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t pushed_bytes_max = 48 * 1024;  // of a document that goes in one message
constexpr std::size_t piece_bytes_max = 32'000;      // of one that goes in pieces

bool newer(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0; }

}  // namespace

core::result<identity::parsed_configuration> held_document::judge(const std::string& text,
                                                                  const std::vector<identity::certificate>& signers, core::wall_time now,
                                                                  std::string_view overlay_name) const {
  auto parsed = identity::parse_configuration(text, signers, now, &document_.content);
  if (!parsed) return core::fail(parsed.error());
  const auto& next = parsed->content;
  if (!newer(next.sequence, document_.content.sequence)) return core::fail(identity::errc::older_document);
  if (next.instance_name != overlay_name) return core::fail(identity::errc::wrong_overlay, next.instance_name);
  return parsed;
}

std::optional<message_contents> held_document::update() const {
  if (document_.text.empty() || document_.text.size() > pushed_bytes_max) return std::nullopt;
  config_update_request c;
  c.document = document_.text;
  message_contents m;
  m.code = code::config_update_req;
  m.body = c.encode();
  return m;
}

bool held_document::may_push(const node_id& n, core::time_point now) {
  auto [until, made] = pushed_to_.try_emplace(n);
  if (!made && now < until) return false;
  until = now + pushed_again_after;
  return true;
}

core::bytes held_document::piece(core::byte_view question) const {
  core::wire_reader r(question);
  const auto offset = std::min<std::size_t>(r.u32(), document_.text.size());
  document_piece p{document_.content.sequence, static_cast<std::uint32_t>(document_.text.size()), {}};
  p.piece = core::to_bytes(std::string_view(document_.text).substr(offset, piece_bytes_max));
  return p.encode();
}

}  // namespace phyllo::overlay
