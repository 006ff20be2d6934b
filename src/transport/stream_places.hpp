// The places of accepted streams, and who makes room for whom: when all are taken, or all that one address may have, the stream goes that
// was idle longest and at whose other end nobody known is. So whoever opens connections and says nothing throws out himself.
#pragma once

#include <asio/ip/address.hpp>
#include <list>
#include <memory>
#include <unordered_map>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/core/metrics.hpp"
#include "socket_tools.hpp"

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
  };

  struct bounds {
    std::size_t all = 0;
    std::size_t of_source = 0;
  };
  // Null, and counted: all places that it might have are held by known ones. Constant time.
  [[nodiscard]] std::shared_ptr<place> admit(const asio::ip::address& from, std::shared_ptr<tcp::socket> socket, bounds most);
  // Closes the one that was idle longest; false: all are known.
  bool make_room();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool has_idle() const noexcept { return !idle_.empty(); }

 private:
  class entry;
  using order = std::list<entry*>;  // idle longest first; only strangers
  struct source {
    std::size_t held = 0;
    order idle;
  };
  using sources = std::unordered_map<std::uint64_t, source, core::keyed_hasher>;

  void evict(entry& e, core::counter& counted);

  core::metrics& metrics_;
  core::counter& evicted_;
  core::counter& evicted_of_source_;
  sources sources_;  // bounded: one lives as long as a stream of it
  order idle_;
  std::size_t size_ = 0;
};

}  // namespace phyllo::transport
