// What every load is: a machine that begins operations when it is told to, hears what came, and writes what is to be sent.
// It knows no socket and no clock.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "phyllo/core/time.hpp"
#include "tally.hpp"

namespace phyllo::load {

// A socket's address as the system takes it; empty: the server that is loaded.
struct address {
  std::array<std::uint8_t, 28> octets{};
  std::uint8_t size = 0;
  friend bool operator==(const address&, const address&) = default;
};

struct arrival {
  unsigned way = 0;  // by which socket or connection
  const address& from;
  std::string_view text;
};

class outbox {
 public:
  virtual ~outbox() = default;
  // Where the next message by a socket or connection is to be written; empty: it takes none now.
  [[nodiscard]] virtual std::span<char> room(unsigned way) = 0;
  // What was written there goes out.
  virtual void commit(unsigned way, const address& to, std::size_t size) = 0;
};

class machine {
 public:
  virtual ~machine() = default;
  virtual void begin(core::time_point intended, core::time_point now) = 0;
  virtual void on_message(const arrival& a, core::time_point now) = 0;
  virtual void on_time(core::time_point now) = 0;
  [[nodiscard]] virtual core::time_point next_time() const noexcept = 0;
  [[nodiscard]] virtual std::size_t open() const noexcept = 0;  // operations under way
  virtual void abandon(core::time_point now) = 0;               // what is under way has failed
  [[nodiscard]] virtual tally& counted() noexcept = 0;          // since it was cleared
};

}  // namespace phyllo::load
