// Sends back what comes.
process.on('message', (value) => process.send(value));
process.on('disconnect', () => process.exit());
