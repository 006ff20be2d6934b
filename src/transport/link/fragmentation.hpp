// Fragmentation and reassembly of RELOAD messages (RFC 6940 s.6.7), done by the link: what leaves over DTLS is cut to
// its datagrams, what arrives is whole before the overlay sees it. The RFC lets transit nodes pass fragments on; a node
// that reassembles at every hop is to its neighbours one that fragments afresh.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::transport {

// Cuts `message` into fragments of at most `size_max` bytes. What is no RELOAD message, or leaves less than 256 bytes of
// body a fragment, stays whole: "IP-layer fragmentation is allowed to occur".
[[nodiscard]] std::vector<core::bytes> fragment(core::byte_view message, std::size_t size_max);

// True for what must go through a reassembler: a RELOAD message that is not alone in its fragment field.
[[nodiscard]] bool is_fragment(core::byte_view message) noexcept;

class reassembler;

// What the links of one host hold of incomplete messages, all together. Where a fragment finds no room, what is too old goes, and then the
// oldest message of the link that holds the most: who sends many halves of messages loses those, and others keep theirs.
class reassembly_pool {
 public:
  static constexpr std::size_t bytes_max = 32 * 1024 * 1024;

  explicit reassembly_pool(std::size_t most = bytes_max) : most_(most) {}

  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_; }
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept { return held_ + bytes <= most_; }
  [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }  // messages, for others' sake

 private:
  friend class reassembler;
  // Of one link: what it holds, and until when its oldest message is waited for.
  struct standing {
    std::size_t bytes = 0;
    core::time_point oldest{};
  };
  void note(reassembler& of, const standing& before, const standing& after);
  // False: the asker holds the most itself.
  bool make_room(const reassembler& asker, std::size_t bytes, core::time_point now);

  std::size_t most_;
  std::size_t held_ = 0;
  std::uint64_t given_up_ = 0;
  std::set<std::pair<std::size_t, reassembler*>> by_bytes_;
  std::set<std::pair<core::time_point, reassembler*>> by_age_;
};

class reassembler {
 public:
  // "receivers SHOULD time out incomplete fragments after the maximum request lifetime (15 seconds)"
  static constexpr core::duration patience = std::chrono::seconds(15);
  // Of one link, as it costs: bodies, headers, and what keeping them takes. What is beyond makes the link's oldest message go.
  static constexpr std::size_t messages_max = 64;
  static constexpr std::size_t bytes_max = 512 * 1024;
  // Lists of a fragment's header; more than a datagram has room for beside a piece of body.
  static constexpr std::size_t lists_max = 2048;
  static constexpr std::size_t message_overhead = 320;  // nodes of containers, as they come from the allocator
  static constexpr std::size_t piece_overhead = 128;

  // `pool`: shared with others, and outlives it; null: its own limits are all.
  explicit reassembler(std::size_t message_max, reassembly_pool* pool = nullptr) : message_max_(message_max), pool_(pool) {}
  ~reassembler();
  reassembler(const reassembler&) = delete;
  reassembler& operator=(const reassembler&) = delete;

  // The whole message once its last missing fragment came. errc::malformed (drops what contradicts), too_large,
  // overloaded: "if the receiver runs out of buffer space to reassemble a message, it MUST drop the message".
  core::result<std::optional<core::bytes>> add(core::byte_view fragment, core::time_point now);

  [[nodiscard]] std::size_t held_bytes() const noexcept { return bytes_; }

 private:
  friend class reassembly_pool;
  struct partial;
  using table = std::map<std::string, partial, std::less<>>;  // by the forwarding header without fragment and length
  struct partial {
    core::time_point until;
    std::list<table::iterator>::iterator place;  // in order_
    std::map<std::size_t, core::bytes> pieces;   // by offset
    std::size_t cost = 0;
    std::size_t received = 0;          // bytes of body
    std::optional<std::size_t> total;  // bytes of body, known from the last fragment
  };

  // Room for `bytes` more, for `wanted` if it is there already. False: there is none, or that one had to go.
  bool make_room(std::size_t bytes, std::string_view wanted, core::time_point now);
  table::iterator begin(std::string header, core::time_point now);
  void forget_old(core::time_point now);
  void forget(table::iterator i);
  void forget_oldest() { forget(order_.front()); }
  void charge(partial& p, std::size_t bytes);
  void tell_pool();
  static bool fits(const partial& p, std::size_t offset, std::size_t size, bool last);
  static core::bytes assemble(const std::string& header, const partial& p);

  std::size_t message_max_;
  reassembly_pool* pool_;
  reassembly_pool::standing told_;
  std::size_t bytes_ = 0;
  table partials_;
  std::list<table::iterator> order_;  // the oldest first
};

}  // namespace phyllo::transport
