// Carriers that peers dialled for links that are there already (ALPN phyllo-reload-move): each has some seconds to say for which.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "link/frame_carrier.hpp"
#include "link/link_registry.hpp"
#include "port/alarm.hpp"

namespace phyllo::transport {

class move_acceptor {
 public:
  static constexpr std::size_t waiting_max = 256;  // the oldest makes room
  static constexpr core::duration patience = std::chrono::seconds(5);

  explicit move_acceptor(std::shared_ptr<link_registry> registry) : registry_(std::move(registry)) {}

  void accept(std::shared_ptr<frame_carrier> carrier);
  void stop();

 private:
  class waiting;

  std::shared_ptr<link_registry> registry_;
  std::map<std::uint64_t, std::shared_ptr<waiting>> waiting_;  // the oldest first
  std::uint64_t last_ = 0;
};

}  // namespace phyllo::transport
