// Notices that another process lives with this node's key, from a data directory that was copied, say. Both write the record by which a
// node probes its own health, signed by the key that they share, so each finds what the other has written. A pure machine.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace phyllo::node {

class twin_watch {
 public:
  // One process from its start to its end. The later one is the younger.
  struct life {
    std::uint32_t incarnation = 0;
    std::uint64_t token = 0;  // drawn at random: two may have started in one second
    friend auto operator<=>(const life&, const life&) = default;
  };
  enum class verdict : std::uint8_t { alone, older, younger };

  explicit twin_watch(life own) : own_(own) {}

  // What is to be written, another one each time.
  [[nodiscard]] std::string next_mark();
  // What is there, some time after a mark of ours was written there; nothing: there is no value.
  void saw(std::string_view mark);
  // Another lives if two marks of it were seen, the later one the younger: one alone may have been on its way when its writer died, and
  // older ones still stand where this node looks next.
  [[nodiscard]] verdict judge() const noexcept;

 private:
  static constexpr unsigned enough = 2;           // marks
  static constexpr unsigned forgotten_after = 3;  // looks in a row at which nothing younger of it was there

  life own_;
  life other_;
  unsigned other_turn_ = 0;
  unsigned marks_ = 0;
  unsigned quiet_ = 0;
  unsigned turn_ = 0;
};

}  // namespace phyllo::node
