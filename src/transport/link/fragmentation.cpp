#include "link/fragmentation.hpp"

#include <algorithm>
#include <cassert>

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
  const auto step = std::max((body.size() + count - 1) / count, body_min);  // "it SHOULD be split into equal-sized fragments"
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

void reassembly_pool::note(reassembler& of, const standing& before, const standing& after) {
  assert(held_ >= before.bytes);
  held_ += after.bytes - before.bytes;
  by_bytes_.erase({before.bytes, &of});
  by_age_.erase({before.oldest, &of});
  if (after.bytes == 0) return;
  by_bytes_.emplace(after.bytes, &of);
  by_age_.emplace(after.oldest, &of);
  assert(by_bytes_.size() == by_age_.size());
}

bool reassembly_pool::make_room(const reassembler& asker, std::size_t bytes, core::time_point now) {
  if (has_room(bytes)) return true;
  while (!by_age_.empty() && by_age_.begin()->first <= now) by_age_.begin()->second->forget_old(now);  // which takes it out
  while (!has_room(bytes)) {  // ends with room, or when the asker holds the most
    if (by_bytes_.empty()) return false;
    auto* most = by_bytes_.rbegin()->second;
    if (most->held_bytes() < asker.held_bytes() + bytes) return false;
    most->forget_oldest();
    ++given_up_;
  }
  return true;
}

reassembler::~reassembler() {
  bytes_ = 0;
  order_.clear();
  tell_pool();
}

core::result<std::optional<core::bytes>> reassembler::add(core::byte_view message, core::time_point now) {
  forget_old(now);
  const auto h = read_header(message);
  if (h.size == 0 || h.length != message.size() || h.size == message.size()) return core::fail(errc::malformed, "a fragment without body");
  if (h.size > fixed_size + lists_max) return core::fail(errc::too_large, "lists of a fragment");
  const auto body = message.subspan(h.size);
  const std::size_t offset = h.fragment & offset_mask;
  const bool last = (h.fragment & last_bit) != 0;
  if (body.size() < body_min && !last) return core::fail(errc::malformed, "a fragment of less than 256 bytes");
  if (h.size + offset + body.size() > message_max_) return core::fail(errc::too_large, "a fragmented message");
  std::string key(core::as_text(message.first(h.size)));
  put_u32(key, fragment_at, 0);
  put_u32(key, length_at, 0);
  const auto cost = body.size() + piece_overhead;
  if (!make_room(cost, key, now)) return core::fail(errc::overloaded, "fragments");
  auto i = partials_.find(key);
  if (i == partials_.end()) i = begin(std::move(key), now);
  auto& p = i->second;
  if (const auto same = p.pieces.find(offset); same != p.pieces.end() && core::equal(same->second, body)) return std::nullopt;
  if (!fits(p, offset, body.size(), last)) {
    forget(i);
    return core::fail(errc::malformed, "fragments that contradict each other");
  }
  p.pieces.emplace(offset, core::to_bytes(body));
  p.received += body.size();
  charge(p, cost);
  if (last) p.total = offset + body.size();
  if (p.total != p.received) return std::nullopt;
  auto whole = assemble(i->first, p);
  forget(i);
  return whole;
}

bool reassembler::make_room(std::size_t bytes, std::string_view wanted, core::time_point now) {
  const bool known = partials_.contains(wanted);
  if (!known) bytes += message_overhead + wanted.size();
  const auto is_within = [&] {
    return bytes_ + bytes <= bytes_max && (known || partials_.size() < messages_max) &&
           (pool_ == nullptr || pool_->make_room(*this, bytes, now));
  };
  while (!is_within()) {  // each turn takes one out
    if (order_.empty()) return false;
    const bool own = order_.front()->first == wanted;
    forget_oldest();
    if (own) return false;
  }
  return true;
}

reassembler::table::iterator reassembler::begin(std::string header, core::time_point now) {
  const auto cost = message_overhead + header.size();
  const auto i = partials_.emplace(std::move(header), partial()).first;
  i->second.until = now + patience;
  i->second.place = order_.insert(order_.end(), i);
  charge(i->second, cost);
  return i;
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
  while (!order_.empty() && order_.front()->second.until <= now) forget_oldest();  // all wait equally long
}

void reassembler::forget(table::iterator i) {
  assert(bytes_ >= i->second.cost);
  bytes_ -= i->second.cost;
  order_.erase(i->second.place);
  partials_.erase(i);
  assert(order_.size() == partials_.size() && (bytes_ == 0) == partials_.empty());
  tell_pool();
}

void reassembler::charge(partial& p, std::size_t bytes) {
  p.cost += bytes;
  bytes_ += bytes;
  tell_pool();
}

void reassembler::tell_pool() {
  if (pool_ == nullptr) return;
  reassembly_pool::standing now{bytes_, {}};
  if (!order_.empty()) now.oldest = order_.front()->second.until;
  pool_->note(*this, told_, now);
  told_ = now;
}

}  // namespace phyllo::transport
