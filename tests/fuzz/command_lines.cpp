// Lines of files that people hand to the commands: CSV accounts and batches of operations.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "command/batch.hpp"
#include "command/csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto fields = phyllo::command::parse_csv_line(text)) {
    std::string again;
    for (const auto& f : *fields) again += (again.empty() && &f == fields->data() ? "" : ",") + phyllo::command::csv_field(f);
    const auto back = phyllo::command::parse_csv_line(again);
    if (!back || *back != *fields) std::abort();
  }
  std::istringstream in(text);
  phyllo::command::batch_reader lines(in, (size & 1) != 0);
  std::size_t number = 0;
  while (true) {  // ends at the input's end: every call takes a line
    const auto line = lines.next();
    if (line && !*line) return 0;
    if (line && ((*line)->number <= number || (*line)->name.empty())) std::abort();
    if (line) number = (*line)->number;
  }
}
