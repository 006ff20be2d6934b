// The places of a door of the admin interface, and who makes room for whom: when all are taken, the connection goes that has waited
// longest since its last request. One whose command is being answered stays, and those are fewer than the places, so that a newcomer is
// always let in, however many connections others hold and however slowly they send.
#pragma once

#include <cstdint>
#include <list>

#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::node {

class door_places {
 public:
  struct bounds {
    std::size_t all = 160;
    std::size_t answered = 128;  // at once; of 32 is the command line's window
  };
  // `evicted` outlives it; it outlives its places.
  door_places(bounds most, core::counter& evicted) : most_(most), evicted_(evicted) {}

  // One connection's, from when it was let in. Made before its stream goes and destroyed after, on the same executor.
  class place {
   public:
    place(door_places& of, transport::stream& s);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    // A request of it is being answered. False: as many are as may be.
    [[nodiscard]] bool begin_answer();
    void end_answer();  // it waits from now on

   private:
    friend class door_places;
    door_places& of_;
    transport::stream& stream_;
    bool answered_ = false;
    std::list<place*>::iterator at_;  // in of_'s idle_, unless answered or thrown out
    bool out_ = false;
  };

  // Before a newcomer's place. Constant time.
  void make_room();
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  bounds most_;
  core::counter& evicted_;
  std::list<place*> idle_;  // idle longest first
  std::size_t size_ = 0;    // thrown out ones are no longer counted
  std::size_t answered_ = 0;
};

}  // namespace phyllo::node
