// The places of accepted streams, and who makes room for whom: when all are taken, or all that one address may have, the stream goes that
// was idle longest and at whose other end nobody known is. So whoever opens connections and says nothing throws out himself. And what all
// of them hold in memory is bounded: beyond that the one goes that holds most, whoever it is. Nor do strangers have turn after turn.
#pragma once

#include <asio/ip/address.hpp>
#include <list>
#include <memory>
#include <set>
#include <unordered_map>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/source_limit.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {

class stream_places : public std::enable_shared_from_this<stream_places> {
 public:
  // Both must live as long as streams are admitted; places may outlive them.
  stream_places(core::environment& env, core::metrics& m);
  ~stream_places();
  stream_places(const stream_places&) = delete;
  stream_places& operator=(const stream_places&) = delete;

  // One stream's, held as long as the pointer.
  class place {
   public:
    virtual ~place() = default;
    // Something came that is worth the place: others that were idle longer make room first.
    virtual void use() = 0;
    // Who is at the other end is known, or is no longer: a known one makes room for nobody.
    virtual void keep(bool known) = 0;
    // What it makes us hold now, in bytes: half of a message, answers that it does not take. May close the stream.
    virtual void hold(std::size_t bytes) = 0;
    // It has had a turn (core::turn) without waiting for anything: how long it is not to have another. Zero for known ones, and for
    // strangers whose address has not had turns_per_second for a while.
    [[nodiscard]] virtual core::duration rest(core::time_point now) = 0;
  };
  static constexpr double turns_per_second = 200;  // of all streams of a stranger's address: a tenth of the thread
  static constexpr double turns_at_once = 64;

  struct bounds {
    std::size_t all = 0;
    std::size_t of_source = 0;
  };
  static constexpr std::size_t held_free = 4096;  // by a stream, and not counted: so is what is on its way in good order
  void bound_held(std::size_t bytes) noexcept { held_max_ = bytes; }
  // Null, and counted: all places that it might have are held by known ones. Constant time.
  [[nodiscard]] std::shared_ptr<place> admit(const asio::ip::address& from, std::shared_ptr<tcp::socket> socket, bounds most);
  // Closes the one that was idle longest; false: all are known.
  bool make_room();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  [[nodiscard]] bool has_idle() const noexcept { return !idle_.empty(); }

 private:
  class entry;
  using order = std::list<entry*>;  // idle longest first; only strangers
  struct source {
    std::size_t held = 0;
    order idle;
    core::token_bucket turns{turns_at_once, {}};
  };
  using sources = std::unordered_map<std::uint64_t, source, core::keyed_hasher>;

  void evict(entry& e, core::counter& counted);
  void shed();

  core::metrics& metrics_;
  core::counter& evicted_;
  core::counter& evicted_of_source_;
  core::counter& evicted_of_memory_;
  sources sources_;  // bounded: one lives as long as a stream of it
  order idle_;
  std::size_t size_ = 0;
  std::set<std::pair<std::size_t, entry*>> by_held_;
  std::size_t held_ = 0;
  std::size_t held_max_ = 64 * 1024 * 1024;
};

}  // namespace phyllo::transport
