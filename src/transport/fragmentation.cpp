#include "fragmentation.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

// ForwardingHeader (RFC 6940 s.6.3.2):
//   relo_token (4) | overlay (4) | configuration_sequence (2) | version (1) | ttl (1) | fragment (4) | length (4) |
//   transaction_id (8) | max_response_length (4) | via (2) | destination (2) | options (2) | the three lists
constexpr std::uint32_t relo_token = 0xd2454c4f;
constexpr std::size_t fixed_size = 38;
constexpr std::size_t fragment_at = 12;
constexpr std::size_t length_at = 16;
constexpr std::uint32_t present_bit = 0x80000000;
constexpr std::uint32_t last_bit = 0x40000000;
constexpr std::uint32_t offset_mask = 0x00ffffff;
constexpr std::size_t body_min = 256;      // "MUST contain at least 256 bytes of the message body"
constexpr std::size_t via_allowance = 32;  // "no larger than the PMTU of the next overlay link minus 32 bytes"

struct header {
  std::size_t size = 0;  // with its lists; 0: no RELOAD message
  std::uint32_t fragment = 0;
  std::uint32_t length = 0;
};

header read_header(core::byte_view message) {
  core::wire_reader r(message);
  header out;
  if (r.u32() != relo_token) return {};
  r.take(8);
  out.fragment = r.u32();
  out.length = r.u32();
  r.take(12);
  const std::size_t lists = std::size_t{r.u16()} + r.u16() + r.u16();
  r.take(lists);
  if (!r.ok()) return {};
  out.size = fixed_size + lists;
  return out;
}

template <class Container>
void put_u32(Container& to, std::size_t at, std::uint32_t v) {
  for (std::size_t i = 0; i < 4; ++i) to[at + i] = static_cast<typename Container::value_type>(v >> (24 - 8 * i) & 0xff);
}

}  // namespace

std::vector<core::bytes> fragment(core::byte_view message, std::size_t size_max) {
  const auto h = read_header(message);
  const bool cut = message.size() > size_max && h.size > 0 && h.size + body_min + via_allowance <= size_max;
  std::vector<core::bytes> out;
  if (!cut) {
    out.push_back(core::to_bytes(message));
    return out;
  }
  const auto body = message.subspan(h.size);
  const auto room = size_max - via_allowance - h.size;
  const auto count = (body.size() + room - 1) / room;
  const auto step = (body.size() + count - 1) / count;  // "it SHOULD be split into equal-sized fragments"
  for (std::size_t at = 0; at < body.size(); at += step) {
    const auto piece = body.subspan(at, std::min(step, body.size() - at));
    const bool last = at + piece.size() == body.size() && (h.fragment & last_bit) != 0;
    auto part = core::to_bytes(message.first(h.size));
    put_u32(part, fragment_at, present_bit | (last ? last_bit : 0) | ((h.fragment + static_cast<std::uint32_t>(at)) & offset_mask));
    put_u32(part, length_at, static_cast<std::uint32_t>(h.size + piece.size()));
    core::append(part, piece);
    out.push_back(std::move(part));
  }
  return out;
}

bool is_fragment(core::byte_view message) noexcept {
  const auto h = read_header(message);
  if (h.size == 0 || (h.fragment & present_bit) == 0) return false;  // without the bit it is no fragment: the overlay judges
  return (h.fragment & last_bit) == 0 || (h.fragment & offset_mask) != 0;
}

bool reassembly_pool::make_room(const reassembler& asker, std::size_t bytes, core::time_point now) {
  if (has_room(bytes)) return true;
  forget_old(now);
  while (!has_room(bytes)) {  // ends with room, or when the asker holds the most
    const auto most = std::ranges::max_element(holders_, {}, [](const reassembler* r) { return r->held_bytes(); });
    if (most == holders_.end() || (*most)->held_bytes() <= asker.held_bytes() + bytes) return false;
    (*most)->forget_oldest();
    ++given_up_;
  }
  return true;
}

void reassembly_pool::forget_old(core::time_point now) {
  const std::vector<reassembler*> all(holders_.begin(), holders_.end());
  for (auto* r : all) r->forget_old(now);
}

reassembler::~reassembler() { release(bytes_); }

core::result<std::optional<core::bytes>> reassembler::add(core::byte_view message, core::time_point now) {
  forget_old(now);
  const auto h = read_header(message);
  if (h.size == 0 || h.length != message.size() || h.size == message.size()) return core::fail(errc::malformed, "a fragment without body");
  const auto body = message.subspan(h.size);
  const std::size_t offset = h.fragment & offset_mask;
  if (h.size + offset + body.size() > message_max_) return core::fail(errc::too_large, "a fragmented message");
  std::string key(core::as_text(message.first(h.size)));
  put_u32(key, fragment_at, 0);
  put_u32(key, length_at, 0);
  auto i = partials_.find(key);
  if (bytes_ + body.size() > bytes_max || (i == partials_.end() && partials_.size() >= messages_max))
    return core::fail(errc::overloaded, "fragments");
  if (pool_ != nullptr && !pool_->make_room(*this, body.size(), now)) return core::fail(errc::overloaded, "fragments of all links");
  if (i == partials_.end()) {
    partial fresh;
    fresh.until = now + patience;
    i = partials_.emplace(std::move(key), std::move(fresh)).first;
  }
  auto& p = i->second;
  const bool last = (h.fragment & last_bit) != 0;
  if (const auto same = p.pieces.find(offset); same != p.pieces.end() && core::equal(same->second, body)) return std::nullopt;
  if (!fits(p, offset, body.size(), last)) {
    forget(i);
    return core::fail(errc::malformed, "fragments that contradict each other");
  }
  p.pieces.emplace(offset, core::to_bytes(body));
  p.received += body.size();
  hold(body.size());
  if (last) p.total = offset + body.size();
  if (p.total != p.received) return std::nullopt;
  auto whole = assemble(i->first, p);
  forget(i);
  return whole;
}

bool reassembler::fits(const partial& p, std::size_t offset, std::size_t size, bool last) {
  if (p.total && (last || offset + size > *p.total)) return false;
  const auto after = p.pieces.lower_bound(offset);
  if (after != p.pieces.end() && (last || after->first < offset + size)) return false;
  if (after == p.pieces.begin()) return true;
  const auto& [before, piece] = *std::prev(after);
  return before + piece.size() <= offset;
}

core::bytes reassembler::assemble(const std::string& header, const partial& p) {
  auto out = core::to_bytes(header);
  for (const auto& [offset, piece] : p.pieces) core::append(out, piece);
  put_u32(out, fragment_at, present_bit | last_bit);
  put_u32(out, length_at, static_cast<std::uint32_t>(out.size()));
  return out;
}

void reassembler::forget_old(core::time_point now) {
  for (auto i = partials_.begin(); i != partials_.end();) {
    const auto here = i++;
    if (here->second.until <= now) forget(here);
  }
}

void reassembler::forget(table::iterator i) {
  release(i->second.received);
  partials_.erase(i);
}

void reassembler::forget_oldest() {
  const auto oldest = std::ranges::min_element(partials_, {}, [](const auto& p) { return p.second.until; });
  if (oldest != partials_.end()) forget(oldest);
}

void reassembler::hold(std::size_t bytes) {
  bytes_ += bytes;
  if (pool_ == nullptr) return;
  pool_->held_ += bytes;
  pool_->holders_.insert(this);
}

void reassembler::release(std::size_t bytes) {
  bytes_ -= bytes;
  if (pool_ == nullptr) return;
  pool_->held_ -= bytes;
  if (bytes_ == 0) pool_->holders_.erase(this);
}

}  // namespace phyllo::transport
